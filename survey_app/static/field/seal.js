// A respondent's answers, sealed with the round's public key (HPKE, RFC 9180) so that this phone itself cannot open them again.

import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '../vendor/hpke-core.js';

export const PLAIN_LENGTH = 2048;
const LENGTH_BYTES = 4;

// The answers are numbers (0 skipped, n the n-th code). They go into the padded bytes piece by piece, so that no text ever holds them all.
// 500 characters of three bytes have room beside 20 answers; returns null where what is to be sealed has not.
export function padded({ items, codes, answers, minutes, comment }) {
  const bytes = new Uint8Array(PLAIN_LENGTH);
  const encoder = new TextEncoder();
  let at = LENGTH_BYTES;
  const add = (text) => {
    const piece = encoder.encode(text);
    if (at + piece.length > PLAIN_LENGTH) return false;
    bytes.set(piece, at);
    at += piece.length;
    piece.fill(0);
    return true;
  };
  let fits = add(`{"mode":"assisted","minutes":${JSON.stringify(minutes)},"answers":{`);
  let first = true;
  items.forEach((item, index) => {
    if (!answers[index]) return;
    fits = add(`${first ? '' : ','}${JSON.stringify(item)}:${JSON.stringify(codes[answers[index] - 1])}`) && fits;
    first = false;
  });
  fits = add(`},"comment":${JSON.stringify(seen(comment))}}`) && fits;
  if (!fits) {
    bytes.fill(0);
    return null;
  }
  new DataView(bytes.buffer).setUint32(0, at - LENGTH_BYTES);
  return bytes;
}

// A comment without control characters and halves of characters, which nobody sees and JSON writes with six bytes each.
const seen = (comment) => comment.replace(/[\p{Cc}\p{Cs}]/gu, (one) => (one === '\n' ? one : ''));

export async function seal(publicKey, info, plain) {
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: new TextEncoder().encode(info) });
  const sealed = new Uint8Array(await sender.seal(plain));
  const encapsulated = new Uint8Array(sender.enc);
  const whole = new Uint8Array(encapsulated.length + sealed.length);
  whole.set(encapsulated);
  whole.set(sealed, encapsulated.length);
  return whole;
}

export function minutesBand(seconds) {
  if (!(seconds >= 0 && seconds <= 86400)) return '';
  return seconds < 60 ? '<1' : seconds < 120 ? '1-2' : seconds <= 300 ? '2-5' : '>5';
}
