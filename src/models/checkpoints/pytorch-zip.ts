/** What `torch.save` writes since PyTorch 1.6: a zip file with a pickle, and an entry for each storage. */
import { unpickle } from './pickle/machine.js';
import type { StorageReference } from './pickle/values.js';
import { bindTensors } from './pytorch-tensors.js';
import { type Reading, shown } from './refusals.js';
import { findStateDict } from './state-dict.js';
import { bytesPerElement, type Storage, type Tensor } from './tensor.js';
import { type Archive, openArchive } from './zip.js';

/** @throws AppError CHECKPOINT_… */
export async function readPytorchZip(bytes: Buffer, reading: Reading): Promise<Map<string, Tensor>> {
  const { refuse } = reading;
  const archive = await openArchive(bytes, reading);
  const folder = folderOf(archive, reading);
  const pickle = await archive.read(`${folder}data.pkl`);
  if (!pickle) throw refuse.invalid('it is a zip file without data.pkl');
  const { value } = unpickle(pickle, 0, reading);
  const littleEndian = await isLittleEndian(archive, folder, reading);

  /** Only the storages of the state_dict are inflated, each once. */
  async function load({ key, dtype, elements }: StorageReference): Promise<Storage> {
    const name = `${folder}data/${key}`;
    const found = archive.sizeOf(name);
    if (found === undefined) throw refuse.invalid(`its storage ${shown(key)} is missing`);
    const expected = elements * bytesPerElement[dtype];
    if (found !== expected)
      throw refuse.invalid(`its storage ${shown(key)} has ${found} bytes, where its tensors need ${expected}`);
    return { bytes: (await archive.read(name)) as Buffer, dtype, littleEndian };
  }

  return bindTensors(findStateDict(value, refuse), load, reading);
}

/** All entries are in one folder, named after the file that was saved. */
function folderOf({ names }: Archive, { refuse }: Reading): string {
  const [pickle, ...others] = names.filter((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (has(/^([^/]+\/)?(constants\.pkl|bytecode\.pkl|code\/.*)$/))
    throw refuse.notStateDict('a TorchScript program (it has code/ and constants.pkl)');
  if (has(/(^|\/)(serialized_exported_program\.json|archive_format)$/))
    throw refuse.notStateDict('a program of torch.export');
  if (pickle === undefined) throw refuse.invalid('it is a zip file without data.pkl, which torch.save writes');
  if (others.length > 0) throw refuse.invalid('its zip file has more than one data.pkl');
  return pickle.slice(0, -'data.pkl'.length);
}

/** Files of before PyTorch 2.1 do not say; they are little-endian, as nearly all machines are. */
async function isLittleEndian(archive: Archive, folder: string, { refuse }: Reading): Promise<boolean> {
  const order = (await archive.read(`${folder}byteorder`))?.toString('latin1') ?? 'little';
  if (order !== 'little' && order !== 'big') throw refuse.invalid(`its byte order is "${shown(order)}"`);
  return order === 'little';
}
