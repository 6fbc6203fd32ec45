import { mapped } from './cancellable.ts';
import type { Connection, SubscribeOptions } from './connection.ts';
import * as graph from './generated/graphql.ts';
import type { RequestOptions as HttpRequestOptions } from './http.ts';
import type { UploadOptions, UploadSource } from './upload-options.ts';

type RequestOptions = Pick<HttpRequestOptions, 'signal' | 'timeoutMs'>;

export type NewCollection = graph.CreateCollectionMutationVariables;

/** Of the client: files and collections. */
export function createFileMethods({ request, upload, download, subscribe }: Connection) {
  return {
    /**
     * Sends a file, however large, as a stream. What is returned waits to be read: `fileProgress` tells how that goes.
     * The same bytes twice in one collection, or outside of any, are one file.
     */
    uploadFile: (source: UploadSource, options?: UploadOptions): Promise<graph.FileFieldsFragment> =>
      upload(source, options),

    /** The bytes of a file: `await (await client.downloadFile(file)).blob()`, or its `body` as a stream. */
    downloadFile: (file: { downloadUrl: string }, { signal }: { signal?: AbortSignal } = {}): Promise<Response> =>
      download(file, signal),

    /** The newest first, 20 unless `first` says otherwise: all of one's own, or those of a collection. */
    async files(variables: graph.FilesQueryVariables = {}, requestOptions?: RequestOptions) {
      return (await request(graph.FilesDocument, variables, requestOptions)).files;
    },

    /** Null when there is no such file. */
    async file(id: string, requestOptions?: RequestOptions) {
      return (await request(graph.FileDocument, { id }, requestOptions)).file;
    },

    /** A stretch of a file's text, such as a passage with what stands around it. Null before it has been read. */
    async fileText(id: string, range: { start?: number; end?: number } = {}, requestOptions?: RequestOptions) {
      return (await request(graph.FileTextDocument, { id, ...range }, requestOptions)).file?.text ?? null;
    },

    /** What the files say about a text, the best first: 10 passages unless `limit` says otherwise. */
    async search(input: graph.SearchInput, requestOptions?: RequestOptions) {
      return (await request(graph.SearchDocument, { input }, requestOptions)).search;
    },

    /** With everything that was made of it. */
    async deleteFile(id: string, requestOptions?: RequestOptions) {
      return (await request(graph.DeleteFileDocument, { id }, requestOptions)).deleteFile;
    },

    /** Reads a file again that has FAILED. */
    async retryFile(id: string, requestOptions?: RequestOptions) {
      return (await request(graph.RetryFileDocument, { id }, requestOptions)).retryFile;
    },

    /** A file as it is now and at every change, until it is READY, has FAILED or is deleted. */
    fileProgress(id: string, subscribeOptions?: Omit<SubscribeOptions, 'endless'>) {
      const events = subscribe(graph.FileProgressDocument, { id }, subscribeOptions);
      return mapped(events, ({ fileProgress }) => fileProgress.file);
    },

    /** One's own and those for everybody, the newest first. */
    async collections(variables: graph.CollectionsQueryVariables = {}, requestOptions?: RequestOptions) {
      return (await request(graph.CollectionsDocument, variables, requestOptions)).collections;
    },

    async createCollection(collection: NewCollection, requestOptions?: RequestOptions) {
      return (await request(graph.CreateCollectionDocument, collection, requestOptions)).createCollection;
    },

    /** What is left out stays as it is. */
    async updateCollection(changes: graph.UpdateCollectionMutationVariables, requestOptions?: RequestOptions) {
      return (await request(graph.UpdateCollectionDocument, changes, requestOptions)).updateCollection;
    },

    /** With all its files. */
    async deleteCollection(id: string, requestOptions?: RequestOptions) {
      return (await request(graph.DeleteCollectionDocument, { id }, requestOptions)).deleteCollection;
    },
  };
}
