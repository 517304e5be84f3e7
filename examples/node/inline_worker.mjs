// SPDX-License-Identifier: MIT
//
// A Worker for scripts of blob: URLs, which Node has not. Libraries for browsers make such scripts of functions of their
// own, and post frames to them; mediabunny splits frames into colours and alpha so. Frames cannot leave their thread in
// Node, so the script runs on the thread of its owner, between other work, and messages are passed as they are. Such a
// script has `self`, with onmessage, postMessage, addEventListener and close.

import { resolveObjectURL } from 'node:buffer';

class Receiver extends EventTarget {
  onmessage = null;
  onerror = null;
}

function deliver(target, type, members) {
  const event = Object.assign(new Event(type), members);
  target[`on${type}`]?.(event);
  target.dispatchEvent(event);
}

export class InlineWorker extends Receiver {
  #scope; // a promise of it, once the script has run
  #isClosed = false; // by the script, which gets no more messages
  #isTerminated = false; // by the owner, who gets none either

  constructor(url) {
    super();
    const blob = resolveObjectURL(String(url));
    if (!blob)
      throw new DOMException(`${url} is not a script that a Worker can run here; use a blob: URL`, 'NotSupportedError');
    const scope = Object.assign(new Receiver(), {
      postMessage: (data) => setImmediate(() => this.#isTerminated || deliver(this, 'message', { data })),
      close: () => { this.#isClosed = true; },
    });
    this.#scope = blob.text().then((script) => {
      new Function('self', script)(scope);
      return scope;
    });
    this.#scope.catch((error) => deliver(this, 'error', { error, message: String(error?.message ?? error) }));
  }

  postMessage(data) {
    this.#scope.then((scope) => this.#isClosed || deliver(scope, 'message', { data }), () => {});
  }

  terminate() { this.#isClosed = this.#isTerminated = true; }
}
