// Runs the schema engine of Prisma 7.10 (WASM) as `prisma migrate` does; the CLI around it needs a download that is not on npm.
// Usage: DATABASE_URL=postgresql://... node engine.mjs deploy|diagnose|applied|rolledback MIGRATIONS_DIR [MIGRATION]
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as wasm from '@prisma/schema-engine-wasm/schema_engine_bg'

const LOCK = 'migration_lock.toml'
const SCRIPT = 'migration.sql'

function startEngine() {
  const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm')
  const code = fs.readFileSync(path.join(path.dirname(file), 'schema_engine_bg.wasm'))
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { './schema_engine_bg.js': wasm })
  wasm.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
}

// The adapter cuts a script at every semicolon, also inside of quotes. Prisma's native engine sends the file as one query, and so do we.
function sendWhole(adapter) {
  adapter.executeScript = async script => {
    try {
      await adapter.underlyingDriver().query(script)
    } catch (error) {
      adapter.onError(error)
    }
  }
  return adapter
}

function adapters(address) {
  const url = new URL(address)
  const schema = url.searchParams.get('schema') ?? undefined
  const factory = new PrismaPg({
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    max: 1,
    options: schema && `-c search_path=${schema}`,
  }, { schema })
  const connect = factory.connect.bind(factory)
  factory.connect = async () => sendWhole(await connect())
  return bindMigrationAwareSqlAdapterFactory(factory)
}

function script(folder, name) {
  try {
    return { tag: 'ok', value: fs.readFileSync(path.join(folder, name, SCRIPT), 'utf8') }
  } catch (error) {
    return { tag: 'error', value: String(error) }
  }
}

function migrationsIn(folder) {
  const lock = path.join(folder, LOCK)
  const names = fs.readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name).sort()
  return {
    baseDir: folder,
    lockfile: { path: LOCK, content: fs.existsSync(lock) ? fs.readFileSync(lock, 'utf8') : null },
    shadowDbInitScript: '',
    migrationDirectories: names.map(name => ({ path: name, migrationFile: { path: SCRIPT, content: script(folder, name) } })),
  }
}

const [command, folder, migration] = process.argv.slice(2)
const migrationsList = migrationsIn(path.resolve(folder))
const filters = { externalTables: [], externalEnums: [] }
const COMMANDS = {
  deploy: engine => engine.applyMigrations({ migrationsList, filters }),
  diagnose: engine => engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters }),
  applied: engine => engine.markMigrationApplied({ migrationsList, migrationName: migration }),
  rolledback: engine => engine.markMigrationRolledBack({ migrationName: migration }),
}

startEngine()
const schema = 'datasource db {\n  provider = "postgresql"\n}\n'
try {
  const engine = await wasm.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapters(process.env.DATABASE_URL))
  console.log(JSON.stringify(await COMMANDS[command](engine)))
  process.exit(0)
} catch (error) {
  console.log(error.code ?? "", String(error.message ?? error))
  process.exit(1)
}
