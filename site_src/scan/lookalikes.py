"""The table of characters beyond ASCII that people read as an ASCII character, for the search for addresses.

Derived from the data of Unicode Technical Standard #39, section 4 (confusable characters), without those that NFKD or the
character's name already resolves. Here epsilon and similar characters are an e, and the ideographic full stop is a dot,
as in browsers. `read.text` has the table of look-alikes that editors type.
"""

from __future__ import annotations

# Code points in hexadecimal digits, by the ASCII character that they look like.
_CODES = {
    "&": "a778",
    "-": "2d7 6d4 2010 2043 2212 2238 2796 2a29 2a2a 2cba 2e1a",
    ".": "660 6f0 701 702 3002 a4f8 a60e 10a50 1d16d",
    "/": "1735 2041 2044 2215 2571 27cb 29f6 29f8 2cc6 3033 30ce 31d3 4e3f 1d23a",
    "2": "1a7 1bb 3e8 14bf a644 a6ef a75a",
    "3": "1b7 21c 417 498 4e0 2ccc a76a a7ab 118ca 16f3b 1d206",
    "4": "13ce 118af",
    "5": "1bc 118bb",
    "6": "431 13ee 2cd2 118d5",
    "7": "104d2 118c6 1d212",
    "8": "222 223 9ea a6a b03 1031a 1e8cb",
    "9": "9ed a67 b68 d6d 2cca a76e 118ac 118cc 118d6",
    ":": "2d0 2f8 589 5c3 703 704 903 a83 16ec 1803 1809 205a 2236 a4fd a789",
    "=": "1400 2250 2251 2257 2259 225a 225e 2a6e 2e40 30a0 a4ff",
    "?": "241 294 97d 13ae a6eb",
    "_": "7fa",
    "a": "251 391 3b1 410 430 13aa 15c5 2376 237a a4ee ab7a 102a0 16f40",
    "b": (
        "df 184 392 411 412 42c 432 462 463 48c 48d 13cf 13f4 13fc 1472 1473 15af 15f7 a4d0 a7b4 10282 102a1 "
        "10301"
    ),
    "c": (
        "a2 421 441 4aa 4ab 13df 20a1 2ca4 2ca5 a4da abaf 102a2 10302 10401 10415 10429 1043d 1051c 118ce "
        "118e9 118f2 16f2d 1d221 1f16e 1f74c"
    ),
    "d": "d0 189 501 13a0 13e7 146f 15de 15ea 20ab a4d2 a4d3 ab70",
    "e": (
        "190 25b 395 3b5 404 415 435 454 4bd 4be 4bf 510 511 13ac 13cb 20ac 212e 22f4 22ff 2377 2c88 2c89 "
        "2d39 a4f0 ab32 ab7c ab9b 10286 118a6 118ae"
    ),
    "f": "3dc 584 15b4 1e9d 20bd a4dd ab35 10287 102a5 10525 118a2 118c2 1d213",
    "g": "18d 261 50c 50d 581 13c0 13f3 13fb a4d6 ab90",
    "h": "397 41d 43d 45b 4a2 4a3 4bb 4c7 4c8 4c9 4ca 570 13bb 13c2 13f2 157c 2c8e a4e7 a695 ab8b 102cf 104cd",
    "i": "269 3b9 456 4cf 13a5 1d7b 1d7c 2373 2378 a647 ab75 118c3",
    "j": "37f 3f3 408 458 575 13ab 148d a4d9 ab7b",
    "k": "138 39a 41a 49a 49e 13e6 16d5 20ad 2c94 a4d7 10518",
    "l": (
        "196 197 1c0 399 406 4c0 5c0 5d5 5df 627 661 673 6f1 7ca 13de 14aa 16c1 2223 23fd 2c92 2cd0 2cd1 2d4f "
        "a4e1 a4f2 abae 1028a 10309 10320 1041b 10443 10526 118a3 118b2 16f16 16f28 1d22a 1e8c7"
    ),
    "m": "39c 3fa 41c 4cd 13b7 15f0 16d6 2c98 a4df 102b0 10311",
    "n": "39d 3b7 578 57c 1260 144e 2229 22c2 2c9a a4e0 a4f5 1018e 10513 1d245",
    "o": (
        "275 398 39f 3b8 3bf 3c3 41e 43e 472 473 4e8 4e9 555 585 5e1 647 665 6be 6c1 6d5 6f5 6ff 7c0 966 9e6 "
        "a66 ae6 b20 b66 be6 c02 c66 c82 ce6 d02 d20 d66 d82 e50 ed0 101d 1040 10ff 12d0 13be 13eb 1d11 2296 "
        "229d 236c 2c9e 2c9f 2d31 2d41 2d54 3007 a4f3 ab3d ab3e ab74 ab8e abbb 10292 102ab 10404 1042c 104c2 "
        "104ea 10516 114d0 118b5 118c8 118d7 118e0 1d21a 1f714"
    ),
    "p": "3a1 3c1 420 440 13e2 146d 1d29 2374 2ca2 2ca3 a4d1 abb2 10295",
    "q": "51b 563 566 1d90 2d55",
    "r": "1a6 433 493 13a1 13d2 1587 1d26 2c85 a4e3 ab47 ab48 ab71 ab81 aba2 104b4 16f35 1d216",
    "s": "1bd 405 455 54f 13d5 13da a4e2 abaa 10296 10420 10448 118c1 16f3a",
    "t": (
        "3a4 3c4 422 442 4ac 4ad 13a2 13bf 20ae 22a4 2361 27d9 2ca6 a4d4 ab72 10297 102b1 10315 118bc 16f0a "
        "1f768"
    ),
    "u": "244 28b 3c5 54d 57d 1200 13cc 144c 1d7e 222a 22c3 a4f4 a79f ab9c 104ce 104f6 118b8 118d8 16f42",
    "v": (
        "3bd 474 475 5d8 667 6f7 13d9 142f 2228 22c1 2d38 a4e6 a6df aba9 10197 1051d 11706 118a0 118c0 16f08 "
        "1d20d 1f708"
    ),
    "w": (
        "26f 461 47c 47d 51c 51d 561 13b3 13c7 13d4 15ef 20a9 a4ea a761 ab83 114c5 1170a 1170e 1170f 118e6 "
        "118ef 1d222"
    ),
    "x": (
        "d7 3a7 425 445 4b2 1541 157d 166d 166e 16b7 2573 292b 292c 2a2f 2a30 2cac 2d5d a4eb a7b3 10196 10290 "
        "102b4 10317 10322 10527 118ec"
    ),
    "y": (
        "a5 263 3a5 3b3 413 423 443 492 4ae 4af 4b0 4b1 10e7 13a9 13b1 13bd 14a5 1d8c 2c84 2ca8 a4ec 102b2 "
        "118a4 118dc 16f07 16f43"
    ),
    "z": "396 13c3 a4dc ab93 102f5 118a9 118c4 118e5",
    "~": "2053 223c 2368 2a6a 2e1e 2e1f",
}
LOOKALIKES = {chr(int(code, 16)): plain for plain, codes in _CODES.items() for code in codes.split()}
