// A picture of a page as a PNG with a palette: half the size, and no eye sees the difference. The browser decodes, zlib packs.
import { crc32, deflateSync } from "node:zlib";

// The pixels of a PNG, four bytes each.
async function pixels(page, png) {
  const { width, height, data } = await page.evaluate(async text => {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, image.width, image.height);
    let packed = "";
    for (let at = 0; at < data.length; at += 32768) packed += String.fromCharCode(...data.subarray(at, at + 32768));
    return { width: image.width, height: image.height, data: btoa(packed) };
  }, png.toString("base64"));
  return { width, height, data: Buffer.from(data, "base64") };
}

// The colours that are there most often. Every other colour becomes the nearest of them.
function palette(data) {
  const counts = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const colour = data.readUInt32BE(at) >>> 8;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const colours = [...counts].sort((one, other) => other[1] - one[1] || one[0] - other[0]).slice(0, 256).map(([colour]) => colour);
  const parts = colour => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const distance = (one, other) => parts(one).reduce((sum, part, index) => sum + (part - parts(other)[index]) ** 2, 0);
  const nearest = colour => colours.reduce((best, other, index) => distance(colour, other) < distance(colour, colours[best]) ? index : best, 0);
  const places = new Map([...counts.keys()].map(colour => [colour, nearest(colour)]));
  return { colours: Buffer.from(colours.flatMap(parts)), places };
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

export async function withPalette(page, png) {
  const { width, height, data } = await pixels(page, png);
  const { colours, places } = palette(data);
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) {
    lines[y * (width + 1) + x + 1] = places.get(data.readUInt32BE((y * width + x) * 4) >>> 8);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits for each pixel, with a palette.
  head.set([8, 3, 0, 0, 0], 8);
  const start = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([start, chunk("IHDR", head), chunk("PLTE", colours), chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}
