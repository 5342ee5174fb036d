// What a Consumer Key or Consumer Secret looks like, shown while it is typed; the sentences are those of core/secrets/shape.py.
const HEX_SECRET = /^[0-9A-Fa-f]{64}$/;
const DIGIT_SECRET = /^\d{17,20}$/;
const QUOTES = "\"'`“”‘’«»";
const INSIDE = "There are spaces or line breaks inside it.";
const INVISIBLE = /(?![\n\r\t])[\p{Cf}\p{Cc}\p{Co}\p{Cn}]/gu;

function trimmed(text, characters) {
  let start = 0;
  let end = text.length;
  while (start < end && characters.includes(text[start])) start += 1;
  while (end > start && characters.includes(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function wrapping(text, label) {
  const faults = [];
  const visible = text.replace(INVISIBLE, "");
  if (visible !== text) faults.push("It has invisible characters, perhaps from a web page or chat.");
  let bare = visible.trim();
  if (!bare) return [[...faults, `The ${label} is empty.`], ""];
  if (bare !== visible) faults.push("There are spaces or line breaks before or after it.");
  if (QUOTES.includes(bare[0]) || QUOTES.includes(bare.at(-1))) {
    faults.push("There are quotation marks around it.");
    bare = trimmed(bare, QUOTES).trim();
    if (!bare) return [[...faults, `The ${label} is empty.`], ""];
  }
  const labelled = bare.match(/^(?:consumer|client)[ _-]?(?:key|secret|id)\s*[:=]?\s*/i);
  if (labelled && labelled[0].length < bare.length) {
    faults.push("The label in front was copied too.");
    bare = bare.slice(labelled[0].length);
  }
  if (/\s/.test(bare)) {
    faults.push(INSIDE);
    bare = bare.replace(/\s/g, "");
  }
  return [faults, bare];
}

function otherKind(bare) {
  if (bare.includes("://")) return "This is an address.";
  if (bare.includes("@") && bare.includes(".")) return "This looks like a username or an e-mail address.";
  return "";
}

const isSecretShaped = (bare) => HEX_SECRET.test(bare) || DIGIT_SECRET.test(bare);

function looksLikeSecret(text) {
  return isSecretShaped(trimmed(wrapping(text, "")[1], QUOTES));
}

// another value has spaces and a length of its own, and a value that was copied in pieces has a wrong length
function oneCause(faults, other, length) {
  if (other) return [...faults.filter((one) => one !== INSIDE), other];
  return length && !faults.includes(INSIDE) ? [...faults, length] : faults;
}

function otherThanKey(bare) {
  if (isSecretShaped(bare)) return "This looks like a Consumer Secret: the Consumer Key and the Consumer Secret may be swapped.";
  const other = otherKind(bare);
  if (other) return other;
  if (!bare.startsWith("3MVG9")) return "A Consumer Key starts with 3MVG9. This may be another field's value.";
  if (/\.\.\.|…/.test(bare)) return "It has an ellipsis (…): it was copied from a shortened display.";
  if (/[^A-Za-z0-9._]/.test(bare)) return "A Consumer Key has only letters, digits, dots and underscores. This has others.";
  if (bare.length >= 80 && bare.length <= 256 && bare.split("3MVG9").length > 2) return "It has 2 Consumer Keys: it may have been pasted twice.";
  return "";
}

function lengthOfKey(bare) {
  if (bare.length < 80) return `It has ${bare.length} characters, but a Consumer Key has about 85: the end may be missing.`;
  if (bare.length > 256) return `It has ${bare.length} characters, but a Consumer Key has about 85: too much was copied.`;
  return "";
}

function shapeOfKey(text) {
  const [faults, bare] = wrapping(text, "Consumer Key");
  return bare ? oneCause(faults, otherThanKey(bare), lengthOfKey(bare)) : faults;
}

// what to check of a Consumer Key that may well be right
function hintOfKey(text) {
  if (text.length >= 85 || shapeOfKey(text).length) return "";
  return `${text.length} characters. Most Consumer Keys have 85: check that you copied all of it.`;
}

function otherThanSecret(bare) {
  if (bare.startsWith("3MVG9")) return "This looks like a Consumer Key: the Consumer Key and the Consumer Secret may be swapped.";
  if (!trimmed(bare, "•*●·.…")) return "These are the dots that hide the secret. Reveal it in Salesforce, then copy it.";
  if (/^(?:store|env|keyring|file):\S+$/.test(bare)) return "This is a reference to a secret, not the secret itself.";
  const other = otherKind(bare);
  if (other) return other;
  const half = bare.slice(0, Math.floor(bare.length / 2));
  if (HEX_SECRET.test(half) && half + half === bare) return "It has the same Consumer Secret twice: it was pasted twice.";
  if (!/^[0-9A-Fa-f]+$/.test(bare)) return "A Consumer Secret has only the characters 0-9 and A-F. This may be another value.";
  return "";
}

function lengthOfSecret(bare) {
  if (/^\d+$/.test(bare) && bare.length < 32) return `It has ${bare.length} digits, but an older Consumer Secret has about 19: part of it may be missing.`;
  const more = bare.length < 64 ? "part of it may be missing" : "too much was copied";
  return `It has ${bare.length} characters, but a Consumer Secret has 64: ${more}.`;
}

function shapeOfSecret(text) {
  const [faults, bare] = wrapping(text, "Consumer Secret");
  if (!bare || isSecretShaped(bare)) return faults;
  return oneCause(faults, otherThanSecret(bare), lengthOfSecret(bare));
}

const SHAPES = { client_id: shapeOfKey, client_secret: shapeOfSecret };

// the value itself where only spaces, quotation marks or a label around it are wrong
function mended(shape, text) {
  const bare = wrapping(text, "")[1];
  return bare !== text && bare && !SHAPES[shape](bare).length ? bare : "";
}

// the verdict on the text of a field while it is typed; none on an empty text
function sayShape(place, shape, text) {
  if (!SHAPES[shape] || !text) return say(place, "", "");
  const faults = SHAPES[shape](text);
  const length = wrapping(text, "")[1].length;
  if (faults.length) return say(place, "failed", `${faults.join(" ")} Copy it again and paste it here.`);
  const hint = shape === "client_id" ? hintOfKey(text) : "";
  if (hint) return say(place, "warning", hint);
  const right = shape === "client_id" ? "starts with 3MVG9" : "has only valid characters";
  return say(place, "passed", `${length} characters, and it ${right}.`, "Looks right");
}
