// SPDX-License-Identifier: MIT
// Figures over time, and small charts of them.

/** The value below which a share of the numbers is. */
export function quantile(numbers, share) {
  if (numbers.length === 0)
    return NaN;
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** The last `size` numbers. */
export class History {
  constructor(size) {
    this.size = size;
    this.numbers = [];
  }

  add(number) {
    this.numbers.push(number);
    if (this.numbers.length > this.size)
      this.numbers.shift();
  }
}

/** Draws numbers as a line, the last at the right; the top is `least` or the largest of them. `limit`: a second, flat line. */
export function drawChart(canvas, history, {color, least = 1, limit, limitColor}) {
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth * ratio, height = canvas.clientHeight * ratio;
  const style = getComputedStyle(canvas), context = canvas.getContext('2d');
  const numbers = history.numbers, top = Math.max(least, limit ?? 0, ...numbers) * 1.1;
  const x = (i) => width * (i + history.size - numbers.length) / (history.size - 1), y = (value) => height - ratio - (height - 2 * ratio) * value / top;
  if (canvas.width !== Math.round(width) || canvas.height !== Math.round(height))
    [canvas.width, canvas.height] = [Math.round(width), Math.round(height)];
  context.clearRect(0, 0, width, height);
  context.lineWidth = 1.5 * ratio;
  context.lineJoin = 'round';
  if (limit !== undefined) {
    context.strokeStyle = style.getPropertyValue(limitColor);
    context.setLineDash([4 * ratio, 4 * ratio]);
    context.beginPath();
    context.moveTo(0, y(limit));
    context.lineTo(width, y(limit));
    context.stroke();
    context.setLineDash([]);
  }
  if (numbers.length < 2)
    return;
  const line = new Path2D();
  numbers.forEach((value, i) => (i === 0 ? line.moveTo(x(i), y(value)) : line.lineTo(x(i), y(value))));
  context.strokeStyle = context.fillStyle = style.getPropertyValue(color);
  context.stroke(line);
  line.lineTo(x(numbers.length - 1), height);
  line.lineTo(x(0), height);
  context.globalAlpha = .15;
  context.fill(line);
  context.globalAlpha = 1;
}
