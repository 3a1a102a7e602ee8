/**
 * Settings that every start gives PostgreSQL on its command line, so that a change here reaches existing data.
 *
 * @param durable false turns off syncing to disk: a killed process loses nothing (the log is written at each commit), a
 *   power cut may lose everything. `synchronous_commit` stays on in both: turning it off would let a killed server
 *   lose what it had confirmed.
 */
export const postgresSettings = (durable: boolean): Readonly<Record<string, string>> => ({
  listen_addresses: '',
  unix_socket_directories: '.', // in the data folder, which is the server's working folder
  unix_socket_permissions: '0700',
  shared_preload_libraries: 'pg_cron,pg_documentdb_core,pg_documentdb',

  // FerretDB takes up to 50 connections; index builds and expiry need some of their own.
  max_connections: '200',
  max_worker_processes: '24',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  jit: 'off', // compiling takes longer than any of these queries
  fsync: durable ? 'on' : 'off',
  full_page_writes: durable ? 'on' : 'off',
  synchronous_commit: 'on',
  log_min_messages: 'warning',
  log_checkpoints: 'off',

  // DocumentDB builds indexes and expires documents by cron jobs; there is no TCP port that they could come in by.
  'cron.database_name': 'postgres',
  'cron.use_background_workers': 'on',
  'cron.log_run': 'off', // a row every second otherwise
  'cron.log_statement': 'off',
  'documentdb.localhost_connection_string': 'host=/proc/self/cwd',

  // Pages by `_id` within a tenant come from the index in order: 1.5 ms at 100,000 documents, 30 ms without these.
  'documentdb.enableOrderByIdOnCostFunction': 'on',
  'documentdb.enableCompositeIndexPlanner': 'on',
  'documentdb_rum.forceRumOrderedIndexScan': 'on',
});
