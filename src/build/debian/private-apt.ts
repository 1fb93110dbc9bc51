// SPDX-License-Identifier: MIT
/**
 * An apt of our own that knows the source packages of one Debian release: the machine's mirrors, keys, proxies and passwords,
 * but its own list of sources, index and downloads, all in one folder of the build. source-package.ts uses it.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type StepContext, StepError } from '../step.ts';
import { type Mirror, sourceEntry } from './apt-sources.ts';

export class PrivateApt {
  readonly release: string;
  readonly #context: StepContext;
  readonly #folder: string;

  constructor(context: StepContext, release: string, mirrors: readonly Mirror[]) {
    this.release = release;
    this.#context = context;
    // All source steps share it, so that the index is fetched once.
    this.#folder = join(context.root, 'build', 'apt', release);
    for (const name of ['lists/partial', 'cache/archives/partial']) {
      mkdirSync(join(this.#folder, name), { recursive: true });
    }
    const entries = mirrors.map((mirror) => sourceEntry(mirror, release)).join('\n');
    writeFileSync(join(this.#folder, 'debian.sources'), entries);
    writeFileSync(join(this.#folder, 'apt.conf'), this.#configuration());
  }

  /** Whether the index was ever fetched. */
  get hasIndex(): boolean {
    return existsSync(join(this.#folder, 'updated'));
  }

  /** Fetches the index. Throws a StepError when the mirror does not have the release or can't be reached. */
  async update(): Promise<void> {
    await this.#apt('apt-get', ['update', '--quiet', '--error-on=any']);
    writeFileSync(join(this.#folder, 'updated'), '');
  }

  /** The versions of a source package that the index lists, newest first. */
  async versions(source: string): Promise<string[]> {
    let text: string;
    try {
      text = await this.#capture('apt-cache', ['showsrc', '--only-source', source]);
    } catch (error) {
      // apt-cache's way of saying that there is none.
      if (error instanceof StepError) return [];
      throw error;
    }
    const versions = [...text.matchAll(/^Version: (\S+)$/gm)].map(([, version = '']) => version);
    return [...new Set(versions)].sort(new Intl.Collator('en', { numeric: true }).compare).reverse();
  }

  /** Downloads the files of a source package, or upstream's only, into a folder; apt checks them against the signed index. */
  async download(source: string, version: string, folder: string, which: 'all' | 'upstream'): Promise<void> {
    const only = which === 'upstream' ? ['--tar-only'] : [];
    await this.#apt(
      'apt-get',
      ['source', '--quiet', '--download-only', ...only, '--only-source', `${source}=${version}`],
      folder,
    );
  }

  async #apt(command: string, args: readonly string[], cwd = this.#folder): Promise<void> {
    await this.#context.exec(command, ['-c', join(this.#folder, 'apt.conf'), ...args], { cwd });
  }

  #capture(command: string, args: readonly string[]): Promise<string> {
    return this.#context.capture(command, ['-c', join(this.#folder, 'apt.conf'), ...args]);
  }

  /** Read after the machine's own configuration, so that it only replaces what it names. */
  #configuration(): string {
    return [
      `Dir::State "${this.#folder}";`,
      `Dir::State::lists "${this.#folder}/lists";`,
      `Dir::Cache "${this.#folder}/cache";`,
      `Dir::Etc::sourcelist "${this.#folder}/debian.sources";`,
      'Dir::Etc::sourceparts "/dev/null";',
      // Pins are about installed packages, and may forbid the release we want.
      'Dir::Etc::preferences "/dev/null";',
      'Dir::Etc::preferencesparts "/dev/null";',
      // apt's own download user may not reach the checkout.
      `APT::Sandbox::User "${userInfo().username}";`,
      'Acquire::Languages "none";',
      'Acquire::Retries "3";',
      // A mirror that is no longer updated will do: which version is taken is written in sources.ts.
      'Acquire::Check-Valid-Until "false";',
      // Other programs' hooks on updates of the machine's index.
      '#clear APT::Update::Pre-Invoke;',
      '#clear APT::Update::Post-Invoke;',
      '#clear APT::Update::Post-Invoke-Success;',
      '',
    ].join('\n');
  }
}
