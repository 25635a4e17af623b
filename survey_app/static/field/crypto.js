// Keys of the store on this phone. The store's key is random; the PIN opens it, and so does the recovery key, which the server alone keeps.

export const ITERATIONS = 600000;
const IV_LENGTH = 12;

export function randomBytes(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

export function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function toBase64(bytes) {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export async function keyOfPin(pin, salt, iterations) {
  const base = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'],
  );
}

export function keyOfBytes(bytes) {
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

// What is sealed is bound to its place by `label`: moved to another it does not open.
export async function sealBytes(key, bytes, label) {
  const iv = randomBytes(IV_LENGTH);
  const options = { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(label) };
  return { iv, data: new Uint8Array(await crypto.subtle.encrypt(options, key, bytes)) };
}

// The bytes, or null where the key is not the right one.
export async function openBytes(key, sealed, label) {
  const options = { name: 'AES-GCM', iv: sealed.iv, additionalData: new TextEncoder().encode(label) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(options, key, sealed.data));
  } catch {
    return null;
  }
}

export function sealObject(key, value, label) {
  return sealBytes(key, new TextEncoder().encode(JSON.stringify(value)), label);
}

export async function openObject(key, sealed, label) {
  const bytes = await openBytes(key, sealed, label);
  return bytes && JSON.parse(new TextDecoder().decode(bytes));
}
