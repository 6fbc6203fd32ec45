import type { LineParser } from './line-parser.ts';

const clike = () => import('@codemirror/legacy-modes/mode/clike');
const css = () => import('@codemirror/legacy-modes/mode/css');
const javascript = () => import('@codemirror/legacy-modes/mode/javascript');
const withElements = () => import('./jsx.ts');
const sql = () => import('@codemirror/legacy-modes/mode/sql');
const xml = () => import('@codemirror/legacy-modes/mode/xml');
const mllike = () => import('@codemirror/legacy-modes/mode/mllike');
const more = () => import('./more-languages.ts');

/** By what answers call them; each is a file of its own that is read when it is needed first. */
const LOADERS: Record<string, () => Promise<LineParser>> = {
  'bash sh shell zsh console shell-session shellscript fish': async () =>
    (await import('@codemirror/legacy-modes/mode/shell')).shell,
  'c h': async () => (await clike()).c,
  'c++ cpp cc hpp cxx': async () => (await clike()).cpp,
  'c# cs csharp': async () => (await clike()).csharp,
  'clj cljs clojure edn': async () => (await import('@codemirror/legacy-modes/mode/clojure')).clojure,
  cmake: async () => (await import('@codemirror/legacy-modes/mode/cmake')).cmake,
  css: async () => (await css()).css,
  dart: async () => (await clike()).dart,
  'diff patch': async () => (await import('@codemirror/legacy-modes/mode/diff')).diff,
  'docker dockerfile containerfile': async () => (await import('@codemirror/legacy-modes/mode/dockerfile')).dockerFile,
  elm: async () => (await import('@codemirror/legacy-modes/mode/elm')).elm,
  'erl erlang': async () => (await import('@codemirror/legacy-modes/mode/erlang')).erlang,
  'f# fs fsharp': async () => (await mllike()).fSharp,
  'glsl hlsl shader': async () => (await clike()).shader,
  'go golang': async () => (await import('@codemirror/legacy-modes/mode/go')).go,
  'gql graphql': async () => (await more()).graphql,
  'gradle groovy': async () => (await import('@codemirror/legacy-modes/mode/groovy')).groovy,
  'haskell hs': async () => (await import('@codemirror/legacy-modes/mode/haskell')).haskell,
  'htm html vue svelte': async () => (await import('./html-page.ts')).page,
  http: async () => (await import('@codemirror/legacy-modes/mode/http')).http,
  'cfg conf dotenv env ini properties': async () =>
    (await import('@codemirror/legacy-modes/mode/properties')).properties,
  java: async () => (await clike()).java,
  'javascript js jsx mjs cjs': async () => (await withElements()).jsx,
  'json json5 jsonc jsonl': async () => (await javascript()).json,
  'jl julia': async () => (await import('@codemirror/legacy-modes/mode/julia')).julia,
  'kotlin kt kts': async () => (await clike()).kotlin,
  'latex tex': async () => (await import('@codemirror/legacy-modes/mode/stex')).stex,
  less: async () => (await css()).less,
  'lisp commonlisp': async () => (await import('@codemirror/legacy-modes/mode/commonlisp')).commonLisp,
  lua: async () => (await import('@codemirror/legacy-modes/mode/lua')).lua,
  'matlab octave': async () => (await import('@codemirror/legacy-modes/mode/octave')).octave,
  'ml ocaml': async () => (await mllike()).oCaml,
  'mysql mariadb': async () => (await sql()).mySQL,
  nginx: async () => (await import('@codemirror/legacy-modes/mode/nginx')).nginx,
  'objc objective-c objectivec': async () => (await clike()).objectiveC,
  'delphi pascal': async () => (await import('@codemirror/legacy-modes/mode/pascal')).pascal,
  'perl pl': async () => (await import('@codemirror/legacy-modes/mode/perl')).perl,
  php: async () => (await more()).php,
  'pgsql plpgsql postgres postgresql': async () => (await sql()).pgSQL,
  'powershell ps1 pwsh': async () => (await import('@codemirror/legacy-modes/mode/powershell')).powerShell,
  'proto protobuf': async () => (await import('@codemirror/legacy-modes/mode/protobuf')).protobuf,
  'py python python3': async () => (await import('@codemirror/legacy-modes/mode/python')).python,
  r: async () => (await import('@codemirror/legacy-modes/mode/r')).r,
  'rb ruby': async () => (await import('@codemirror/legacy-modes/mode/ruby')).ruby,
  'rs rust': async () => (await import('@codemirror/legacy-modes/mode/rust')).rust,
  sass: async () => (await import('@codemirror/legacy-modes/mode/sass')).sass,
  scala: async () => (await clike()).scala,
  'racket scheme': async () => (await import('@codemirror/legacy-modes/mode/scheme')).scheme,
  scss: async () => (await css()).sCSS,
  sql: async () => (await sql()).standardSQL,
  sqlite: async () => (await sql()).sqlite,
  'mssql tsql': async () => (await sql()).msSQL,
  swift: async () => (await import('@codemirror/legacy-modes/mode/swift')).swift,
  tcl: async () => (await import('@codemirror/legacy-modes/mode/tcl')).tcl,
  toml: async () => (await import('@codemirror/legacy-modes/mode/toml')).toml,
  'ts typescript mts cts': async () => (await javascript()).typescript,
  tsx: async () => (await withElements()).tsx,
  'v verilog systemverilog': async () => (await import('@codemirror/legacy-modes/mode/verilog')).verilog,
  'vb vbnet': async () => (await import('@codemirror/legacy-modes/mode/vb')).vb,
  vhdl: async () => (await import('@codemirror/legacy-modes/mode/vhdl')).vhdl,
  'svg xml xhtml xsl': async () => (await xml()).xml,
  'yaml yml': async () => (await import('@codemirror/legacy-modes/mode/yaml')).yaml,
};

const byName = new Map(
  Object.entries(LOADERS).flatMap(([names, load]) => names.split(' ').map((name) => [name, load] as const)),
);

/** Null: a language that is not known here, or (a cut connection) cannot be read. */
export async function loadLanguage(name: string): Promise<LineParser | null> {
  const load = byName.get(name.toLowerCase());
  return (await load?.().catch(() => null)) ?? null;
}
