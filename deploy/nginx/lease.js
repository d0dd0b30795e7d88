// Chooses the tree that a request gets, according to the lease of the target, and reports the health of the publisher.
// nginx runs this file with njs (libnginx-mod-http-js).
import fs from 'fs';

const SILENT = 60000;
// A lease that was ended on purpose has a modification time in the first seconds of 1970. One that has run out has a later time.
const ON_PURPOSE = 1000000;

// Returns the modification time of a plain file (milliseconds since 1970), or 0 if there is no such file. Follows no links.
function changed(path) {
    try {
        const found = fs.lstatSync(path);
        return found.isFile() ? found.mtimeMs : 0;
    } catch (error) {
        return 0;
    }
}

// Returns the tree. The link may be shown while the modification time of the lease is in the future. In doubt, it is hidden.
function tree(r) {
    return changed(r.variables.quotabord_target + '/lease') > Date.now() ? 'site' : 'hidden';
}

// Returns the modification time of the lease, or null if it is not a plain file.
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
        // A closing ends the lease on all servers at the same time. They must all stay in the balancer's pool.
        ready: published && until !== null && (until > now || until < ON_PURPOSE) && now - heard < SILENT
    };
}

// For balancers. The status is 200 if a release is live, the lease has not run out, and the publisher has reported within the last
// minute; otherwise 503.
function ready(r) {
    const is = found(r).ready;
    r.headersOut['Content-Type'] = 'text/plain; charset=utf-8';
    r.return(is ? 200 : 503, is ? 'ready\n' : 'not ready\n');
}

// For monitoring: the same status, and the values that it depends on.
function health(r) {
    const is = found(r);
    r.headersOut['Content-Type'] = 'application/json';
    r.return(is.ready ? 200 : 503, JSON.stringify(is) + '\n');
}

export default { tree, ready, health };
