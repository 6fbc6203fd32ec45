import type { CodegenConfig } from '@graphql-codegen/cli';

/** The SDK's types and documents, from the printed schema and the operations that people write. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: 'sdk/src/operations/*.graphql',
  generates: {
    'sdk/src/generated/': {
      preset: 'client',
      // Fragments here only save typing: whoever asks for a conversation reads all of it. The documents are exported by
      // name, so the function that looks them up by their text would be dead weight in every bundle.
      presetConfig: { fragmentMasking: false, skipIndexFile: true },
      config: {
        scalars: {
          DateTime: 'string',
          ID: 'string',
          JSON: 'unknown',
          Upload: 'Blob',
          UUID: 'string',
        },
        strictScalars: true,
        enumType: 'string-literal',
        useTypeImports: true,
        documentMode: 'documentNode',
        skipTypeNameForRoot: true,
        importExtension: '.ts',
      },
    },
  },
};

export default config;
