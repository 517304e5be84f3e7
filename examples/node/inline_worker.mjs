// SPDX-License-Identifier: MIT
//
// A Worker for scripts of blob: URLs, which Node has not. Libraries for browsers make such scripts of functions of their
// own, and post frames to them; mediabunny splits frames into colours and alpha so. Frames cannot leave their thread in
// Node, so the script runs on the thread of its owner, between other work, and messages are passed as they are.

import { resolveObjectURL } from 'node:buffer';

// Errors of `listeners` are uncaught exceptions, as with any EventTarget of Node's.
class Scope extends EventTarget {
  constructor(post, close) {
    super();
    this.postMessage = post;
    this.close = close;
  }
}

function message(data) {
  return Object.assign(new Event('message'), { data });
}

export class InlineWorker extends EventTarget {
  #scope; // a promise of it, once the script has run
  #isClosed = false;

  constructor(url) {
    super();
    const blob = resolveObjectURL(String(url));
    if (!blob) throw new DOMException(`${url} is not a script that a Worker can run here; use a blob: URL`, 'NotSupportedError');
    const post = (data) => setImmediate(() => this.#isClosed || this.dispatchEvent(message(data)));
    const scope = new Scope(post, () => this.terminate());
    this.#scope = blob.text().then((script) => {
      new Function('self', script)(scope);
      return scope;
    });
    this.#scope.catch((error) => {
      this.dispatchEvent(Object.assign(new Event('error'), { error, message: String(error?.message ?? error) }));
    });
  }

  postMessage(data) {
    this.#scope.then((scope) => this.#isClosed || scope.dispatchEvent(message(data)), () => {});
  }

  terminate() { this.#isClosed = true; }
}
