// SPDX-License-Identifier: MIT
// Mouse and keys of the page, as messages to a server that lets this viewer control the screen.

import * as protocol from './protocol.js';

const KEYSYMS = {
  Backspace: 0xff08, Tab: 0xff09, Enter: 0xff0d, Pause: 0xff13, ScrollLock: 0xff14, Escape: 0xff1b, Home: 0xff50,
  ArrowLeft: 0xff51, ArrowUp: 0xff52, ArrowRight: 0xff53, ArrowDown: 0xff54, PageUp: 0xff55, PageDown: 0xff56,
  End: 0xff57, PrintScreen: 0xff61, Insert: 0xff63, ContextMenu: 0xff67, NumLock: 0xff7f, CapsLock: 0xffe5,
  Delete: 0xffff, AltGraph: 0xfe03,
};
const SIDES = {Shift: [0xffe1, 0xffe2], Control: [0xffe3, 0xffe4], Alt: [0xffe9, 0xffea], Meta: [0xffeb, 0xffec]};
const BUTTONS = [1, 2, 3];
const WHEEL_STEP = 100;

/** The X11 keysym of a KeyboardEvent; 0 if there is none. */
export function keysymOf(event) {
  if (event.key in KEYSYMS)
    return KEYSYMS[event.key];
  if (event.key in SIDES)
    return SIDES[event.key][event.location === KeyboardEvent.DOM_KEY_LOCATION_RIGHT ? 1 : 0];
  const number = /^F(\d{1,2})$/.exec(event.key);
  if (number)
    return 0xffbe + Number(number[1]) - 1;
  if ([...event.key].length !== 1)
    return 0;
  const point = event.key.codePointAt(0);
  return point < 0x100 ? point : 0x1000000 + point;
}

/** Where a mouse event is in the picture, as shares from 0 to 1. The picture may have bars beside it. */
function placeOf(event, canvas) {
  const box = canvas.getBoundingClientRect();
  const scale = Math.min(box.width / canvas.width, box.height / canvas.height);
  const left = box.left + (box.width - canvas.width * scale) / 2, top = box.top + (box.height - canvas.height * scale) / 2;
  return [(event.clientX - left) / (canvas.width * scale), (event.clientY - top) / (canvas.height * scale)];
}

/** Sends what happens on the canvas by `send(buffer)`, while `mayControl()` is true. */
export function listen(canvas, mayControl, send) {
  const down = new Map(); // keysyms by code: the key that goes up may have another name by then
  let wheel = 0;
  const on = (target, name, handle) => target.addEventListener(name, (event) => {
    if (mayControl())
      handle(event);
  }, {passive: false});

  canvas.tabIndex = 0;
  on(canvas, 'pointermove', (event) => send(protocol.pointer(...placeOf(event, canvas))));
  on(canvas, 'pointerdown', (event) => {
    canvas.focus();
    canvas.setPointerCapture(event.pointerId);
    if (event.button in BUTTONS)
      send(protocol.button(BUTTONS[event.button], true, ...placeOf(event, canvas)));
    event.preventDefault();
  });
  on(canvas, 'pointerup', (event) => {
    if (event.button in BUTTONS)
      send(protocol.button(BUTTONS[event.button], false, ...placeOf(event, canvas)));
  });
  on(canvas, 'contextmenu', (event) => event.preventDefault());
  on(canvas, 'wheel', (event) => {
    event.preventDefault();
    wheel += event.deltaY;
    for (; Math.abs(wheel) >= WHEEL_STEP; wheel -= Math.sign(wheel) * WHEEL_STEP) {
      const number = wheel < 0 ? 4 : 5, place = placeOf(event, canvas);
      send(protocol.button(number, true, ...place));
      send(protocol.button(number, false, ...place));
    }
  });
  on(canvas, 'keydown', (event) => {
    const keysym = keysymOf(event);
    event.preventDefault();
    if (keysym === 0)
      return;
    down.set(event.code, keysym);
    send(protocol.key(keysym, true));
  });
  on(canvas, 'keyup', (event) => {
    const keysym = down.get(event.code);
    event.preventDefault();
    down.delete(event.code);
    if (keysym !== undefined)
      send(protocol.key(keysym, false));
  });
  on(canvas, 'blur', () => {
    for (const keysym of down.values())
      send(protocol.key(keysym, false));
    down.clear();
  });
}
