// Which tree a request gets, by the lease of the target, and how the publisher is. Read by njs (libnginx-mod-http-js).
import fs from 'fs';

const SILENT = 60000;
// A lease that was ended on purpose has a time of change in the first seconds of 1970; one that has run out has another.
const ON_PURPOSE = 1000000;

// The time of change of a plain file, in milliseconds since 1970; 0 where there is none. No link is followed.
function changed(path) {
    try {
        const found = fs.lstatSync(path);
        return found.isFile() ? found.mtimeMs : 0;
    } catch (error) {
        return 0;
    }
}

// The lease is a file whose time of change lies ahead while the link may be shown. In doubt: hidden.
function tree(r) {
    return changed(r.variables.quotabord_target + '/lease') > Date.now() ? 'site' : 'hidden';
}

// The time of change of the lease; null where it is no plain file.
function leaseEnd(path) {
    try {
        const found = fs.lstatSync(path);
        return found.isFile() ? found.mtimeMs : null;
    } catch (error) {
        return null;
    }
}

function found(r) {
    const target = r.variables.quotabord_target, now = Date.now();
    const until = leaseEnd(target + '/lease'), heard = changed(target + '/heartbeat.json');
    const published = changed(target + '/current/site/release.json') > 0;
    return {
        published: published,
        leaseSeconds: until > now ? Math.round((until - now) / 1000) : 0,
        publisherSilentSeconds: heard ? Math.max(0, Math.round((now - heard) / 1000)) : null,
        // A closing ends the lease on every server at once, and none of them must be taken out for that.
        ready: published && until !== null && (until > now || until < ON_PURPOSE) && now - heard < SILENT
    };
}

// For balancers: 200 when a release is live, the lease has not run out, and the publisher was heard of within a minute; else 503.
function ready(r) {
    const is = found(r).ready;
    r.headersOut['Content-Type'] = 'text/plain; charset=utf-8';
    r.return(is ? 200 : 503, is ? 'ready\n' : 'not ready\n');
}

// For monitoring: the same status, with what it follows from.
function health(r) {
    const is = found(r);
    r.headersOut['Content-Type'] = 'application/json';
    r.return(is.ready ? 200 : 503, JSON.stringify(is) + '\n');
}

export default { tree, ready, health };
