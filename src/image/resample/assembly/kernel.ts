/**
 * Pillow's resampling in WebAssembly with SIMD (AssemblyScript), bit for bit.
 *
 * Pillow resamples 8-bit pictures in two passes, rows first, with coefficients in 22-bit fixed point; after each pass
 * it adds one half, shifts and clips to 0..255 (Pillow, src/libImaging/Resample.c). All pointers are byte offsets into
 * this module's memory, which the host lays out; a function may read or write up to 16 bytes past the end of a row.
 */

const FRACTION_BITS: i32 = 22;
const HALF: i32 = 1 << (FRACTION_BITS - 1);

/** Lays straight RGBA on white in place of RGB, with the arithmetic of Pillow's alpha_composite (7 extra bits). */
export function flattenRgba(source: usize, target: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i++) {
    const alpha: u32 = load<u8>(source, 3);
    const white: u32 = 255 * ((255 - alpha) << 7) + (0x80 << 7);
    for (let c: usize = 0; c < 3; c++) {
      const sum: u32 = <u32>load<u8>(source + c) * (alpha << 7) + white;
      store<u8>(target + c, <u8>((((sum >> 8) + sum) >> 8) >> 7));
    }
    source += 4;
    target += 3;
  }
}

/** CMYK (0 = no ink) to RGB as Pillow converts it: `255 - min(255, ink·(255 - k)/255 + k)`, rounded. */
export function cmykToRgb(source: usize, target: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i++) {
    const light: i32 = 255 - <i32>load<u8>(source, 3);
    for (let c: usize = 0; c < 3; c++) {
      const product: i32 = <i32>load<u8>(source + c) * light + 128;
      store<u8>(target + c, <u8>max(0, light - (((product >> 8) + product) >> 8)));
    }
    source += 4;
    target += 3;
  }
}

/**
 * First pass: one row of RGB to `width` pixels of RGB.
 * `windows` holds for each output pixel its first source pixel and its number of tap pairs (two i32).
 * `coefficients` holds for each output pixel `pairs` pairs of taps, as two words of two i16 each: the upper parts
 * (`value >> 15`) and the lower 15 bits. So a multiplication of 16 bits with a sum serves two taps of three channels,
 * and `(upper << 15) + lower` is exact.
 */
export function resampleRow(source: usize, target: usize, width: i32, windows: usize, coefficients: usize, pairs: i32): void {
  // Two neighbouring pixels RGBRGB as 16-bit pairs: R R, G G, B B, 0 0.
  const pairUp = i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  for (let x = 0; x < width; x++) {
    let pixel = source + <usize>load<i32>(windows) * 3;
    const end = coefficients + ((<usize>load<i32>(windows, 4)) << 3);
    let upper = i32x4.splat(0);
    let lower = i32x4.splat(HALF);
    for (let pair = coefficients; pair < end; pair += 8) {
      const two = i8x16.swizzle(v128.load64_zero(pixel), pairUp);
      upper = i32x4.add(upper, i32x4.dot_i16x8_s(two, v128.load32_splat(pair)));
      lower = i32x4.add(lower, i32x4.dot_i16x8_s(two, v128.load32_splat(pair, 4)));
      pixel += 6;
    }
    const words = i32x4.shr_s(i32x4.add(i32x4.shl(upper, 15), lower), FRACTION_BITS);
    const narrow = i16x8.narrow_i32x4_s(words, words);
    v128.store32_lane(target, i8x16.narrow_i16x8_u(narrow, narrow), 0);
    target += 3;
    windows += 8;
    coefficients += (<usize>pairs) << 3;
  }
}

/**
 * Second pass: one output row of `bytes` bytes from `count` rows of a ring, starting at ring row `first`.
 * The ring has `rows` rows of `stride` bytes (a multiple of 16).
 */
export function resampleColumn(
  ring: usize,
  stride: i32,
  rows: i32,
  first: i32,
  count: i32,
  coefficients: usize,
  target: usize,
  bytes: i32,
): void {
  const half = i32x4.splat(HALF);
  for (let column = 0; column < bytes; column += 16) {
    let a = half;
    let b = half;
    let c = half;
    let d = half;
    let row = first;
    for (let tap = 0; tap < count; tap++) {
      const coefficient = i32x4.splat(load<i32>(coefficients + ((<usize>tap) << 2)));
      const sixteen = v128.load(ring + <usize>(row * stride + column));
      const low = i16x8.extend_low_i8x16_u(sixteen);
      const high = i16x8.extend_high_i8x16_u(sixteen);
      a = i32x4.add(a, i32x4.mul(i32x4.extend_low_i16x8_u(low), coefficient));
      b = i32x4.add(b, i32x4.mul(i32x4.extend_high_i16x8_u(low), coefficient));
      c = i32x4.add(c, i32x4.mul(i32x4.extend_low_i16x8_u(high), coefficient));
      d = i32x4.add(d, i32x4.mul(i32x4.extend_high_i16x8_u(high), coefficient));
      row = row + 1 == rows ? 0 : row + 1;
    }
    const low = i16x8.narrow_i32x4_s(i32x4.shr_s(a, FRACTION_BITS), i32x4.shr_s(b, FRACTION_BITS));
    const high = i16x8.narrow_i32x4_s(i32x4.shr_s(c, FRACTION_BITS), i32x4.shr_s(d, FRACTION_BITS));
    v128.store(target + <usize>column, i8x16.narrow_i16x8_u(low, high));
  }
}

// @ts-ignore: decorator
@inline
function normalizeSixteen(bytes: v128, mean: v128, std: v128, target: usize): void {
  const low = i16x8.extend_low_i8x16_u(bytes);
  const high = i16x8.extend_high_i8x16_u(bytes);
  v128.store(target, f32x4.div(f32x4.sub(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low)), mean), std));
  v128.store(target, f32x4.div(f32x4.sub(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low)), mean), std), 16);
  v128.store(target, f32x4.div(f32x4.sub(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high)), mean), std), 32);
  v128.store(target, f32x4.div(f32x4.sub(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high)), mean), std), 48);
}

/** RGB bytes to three planes of float32: `(value - mean) / std`. `statistics` holds three means, then three stds (f32). */
export function normalize(source: usize, target: usize, pixels: i32, statistics: usize): void {
  const plane = (<usize>pixels) << 2;
  const meanR = v128.load32_splat(statistics);
  const meanG = v128.load32_splat(statistics, 4);
  const meanB = v128.load32_splat(statistics, 8);
  const stdR = v128.load32_splat(statistics, 12);
  const stdG = v128.load32_splat(statistics, 16);
  const stdB = v128.load32_splat(statistics, 20);
  let i = 0;
  for (; i + 16 <= pixels; i += 16) {
    const a = v128.load(source);
    const b = v128.load(source, 16);
    const c = v128.load(source, 32);
    const redAB = i8x16.shuffle(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
    const greenAB = i8x16.shuffle(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0);
    const blueAB = i8x16.shuffle(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0);
    const red = i8x16.shuffle(redAB, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29);
    const green = i8x16.shuffle(greenAB, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30);
    const blue = i8x16.shuffle(blueAB, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31);
    normalizeSixteen(red, meanR, stdR, target);
    normalizeSixteen(green, meanG, stdG, target + plane);
    normalizeSixteen(blue, meanB, stdB, target + plane + plane);
    source += 48;
    target += 64;
  }
  for (; i < pixels; i++) {
    for (let c: usize = 0; c < 3; c++) {
      const statistic = statistics + (c << 2);
      const value = (<f32>load<u8>(source + c) - load<f32>(statistic)) / load<f32>(statistic, 12);
      store<f32>(target + c * plane, value);
    }
    source += 3;
    target += 4;
  }
}
