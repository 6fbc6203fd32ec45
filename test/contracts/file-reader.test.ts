import { createFileReader } from '../../src/adapters/extraction/file-reader.ts';
import { describeFileReader } from './file-reader.ts';

describeFileReader('in processes of its own', () => createFileReader({ timeoutMs: 60_000, memoryMb: 256 }));
