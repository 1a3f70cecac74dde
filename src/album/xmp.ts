/** Keywords in XMP, the XML that photo programs keep beside a picture. */
import { DOMParser, type Document, type Element, type Node, XMLSerializer } from '@xmldom/xmldom';

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

interface KeywordList {
  readonly namespace: string;
  readonly prefix: string;
  readonly name: string;
  readonly form: 'Bag' | 'Seq';
}

/** What every program reads. */
const SUBJECT: KeywordList = {
  namespace: 'http://purl.org/dc/elements/1.1/',
  prefix: 'dc',
  name: 'subject',
  form: 'Bag',
};
/**
 * Programs that know one of these read it and not `dc:subject`: darktable and Lightroom the first, digiKam both. So where there is
 * one already, what we add goes there too.
 */
const ALTERNATIVES: readonly KeywordList[] = [
  { namespace: 'http://ns.adobe.com/lightroom/1.0/', prefix: 'lr', name: 'hierarchicalSubject', form: 'Bag' },
  { namespace: 'http://www.digikam.org/ns/1.0/', prefix: 'digiKam', name: 'TagsList', form: 'Seq' },
];

const EMPTY = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Kaiyan">
 <rdf:RDF xmlns:rdf="${RDF}">
  <rdf:Description rdf:about="" xmlns:dc="${SUBJECT.namespace}">
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
`;

export interface KeywordChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

export interface ChangedKeywords {
  /** The same text if there was nothing to change. */
  readonly xmp: string;
  /** Those of `add` that were not there before. */
  readonly added: readonly string[];
}

/** Changes keywords and nothing else; without a text it writes a new one. @throws Error, whose message says what is wrong with it */
export function changeKeywords(xmp: string | undefined, { add, remove }: KeywordChange): ChangedKeywords {
  const document = parse(xmp ?? EMPTY);
  const descriptions = topDescriptions(document);
  const subjects = findList(descriptions, SUBJECT);
  const before = new Set(subjects.flatMap(itemsOf));
  const words = add.map(printable).filter((word) => word !== '');
  const added = words.filter((word) => !before.has(word));
  const removed = remove.filter((word) => before.has(word) && !words.includes(word));
  if (added.length === 0 && removed.length === 0) return { xmp: xmp ?? '', added };

  for (const list of [SUBJECT, ...ALTERNATIVES]) {
    const found = list === SUBJECT ? subjects : findList(descriptions, list);
    for (const property of found) removeItems(property, removed);
    if (list !== SUBJECT && found.length === 0) continue;
    const known = new Set(found.flatMap(itemsOf));
    const target = found[0] ?? addProperty(document, descriptions, list);
    addItems(
      target,
      added.filter((word) => !known.has(word)),
      list,
    );
  }
  // The serializer leaves out what follows the last node.
  const end = /\s*$/.exec(xmp ?? EMPTY)?.[0] ?? '';
  return { xmp: new XMLSerializer().serializeToString(document).trimEnd() + end, added };
}

function parse(xmp: string): Document {
  const refuse = (_level: string, message: string) => {
    throw new Error(message);
  };
  const document = new DOMParser({ onError: refuse }).parseFromString(xmp, 'text/xml');
  if (document.doctype) throw new Error('it has a document type, which XMP has not');
  return document;
}

const elementsIn = (node: Node): Element[] =>
  [...node.childNodes].filter((child): child is Element => child.nodeType === 1);
const isNamed = (element: Element, namespace: string, name: string) =>
  element.namespaceURI === namespace && element.localName === name;

function topDescriptions(document: Document): [Element, ...Element[]] {
  const [rdf] = document.getElementsByTagNameNS(RDF, 'RDF');
  if (!rdf) throw new Error('it has no rdf:RDF');
  const [first, ...others] = elementsIn(rdf).filter((element) => isNamed(element, RDF, 'Description'));
  return [first ?? addDescription(document, rdf), ...others];
}

function addDescription(document: Document, rdf: Element): Element {
  const description = document.createElementNS(RDF, qualified(rdf.prefix, 'Description'));
  description.setAttributeNS(RDF, 'rdf:about', '');
  rdf.appendChild(description);
  return description;
}

const qualified = (prefix: string | null, name: string) => (prefix ? `${prefix}:${name}` : name);

/** The properties that hold the keywords; one that is written as an attribute becomes an element first. */
function findList(descriptions: readonly [Element, ...Element[]], { namespace, name }: KeywordList): Element[] {
  for (const description of descriptions) {
    const attribute = description.getAttributeNodeNS(namespace, name);
    if (!attribute?.ownerDocument) continue;
    const property = attribute.ownerDocument.createElementNS(namespace, attribute.name);
    property.textContent = attribute.value;
    description.removeAttributeNode(attribute);
    description.appendChild(property);
  }
  return descriptions.flatMap((description) =>
    elementsIn(description).filter((element) => isNamed(element, namespace, name)),
  );
}

const containerOf = (property: Element) =>
  elementsIn(property).find(
    ({ namespaceURI, localName }) => namespaceURI === RDF && /^(Bag|Seq|Alt)$/.test(localName ?? ''),
  );
const entriesOf = (container: Element) => elementsIn(container).filter((element) => isNamed(element, RDF, 'li'));
const textOf = (element: Element) => (element.textContent ?? '').trim().normalize('NFC');

function itemsOf(property: Element): string[] {
  const container = containerOf(property);
  if (container) return entriesOf(container).map(textOf);
  const text = textOf(property);
  return text === '' ? [] : [text];
}

function removeItems(property: Element, words: readonly string[]): void {
  const container = containerOf(property);
  if (!container) return;
  for (const entry of entriesOf(container)) {
    if (!words.includes(textOf(entry))) continue;
    const { previousSibling } = entry;
    if (previousSibling?.nodeType === 3 && previousSibling.nodeValue?.trim() === '')
      container.removeChild(previousSibling);
    container.removeChild(entry);
  }
}

function addProperty(
  document: Document,
  [description]: readonly [Element, ...Element[]],
  { namespace, prefix, name }: KeywordList,
): Element {
  const known = description.lookupPrefix(namespace);
  const property = document.createElementNS(namespace, qualified(known ?? prefix, name));
  description.appendChild(document.createTextNode(' '));
  description.appendChild(property);
  description.appendChild(document.createTextNode('\n  '));
  return property;
}

function addItems(property: Element, words: readonly string[], { form }: KeywordList): void {
  if (words.length === 0) return;
  const document = property.ownerDocument as Document;
  const rdfPrefix = property.lookupPrefix(RDF);
  const container = containerOf(property) ?? addContainer(document, property, qualified(rdfPrefix, form));
  const last = container.lastChild;
  const closing = last?.nodeType === 3 ? last : container.appendChild(document.createTextNode('\n   '));
  for (const word of words) {
    const entry = document.createElementNS(RDF, qualified(container.prefix, 'li'));
    entry.textContent = word;
    container.insertBefore(document.createTextNode('\n    '), closing);
    container.insertBefore(entry, closing);
  }
}

/** A single keyword without a list becomes the list's first. */
function addContainer(document: Document, property: Element, name: string): Element {
  const [single] = itemsOf(property);
  property.textContent = '';
  const container = document.createElementNS(RDF, name);
  property.appendChild(container);
  if (single !== undefined) {
    const entry = document.createElementNS(RDF, qualified(container.prefix, 'li'));
    entry.textContent = single;
    container.appendChild(entry);
  }
  return container;
}

/** XML has no control characters. */
const printable = (word: string) =>
  word
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '')
    .trim()
    .normalize('NFC');
