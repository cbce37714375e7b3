/** What can be done with kept runs. Every action ends in a changed page or a notice, never in a rejected promise. */
import type { Arm, Experiment, RunId } from '../../core/experiment.ts';
import { runName } from '../../core/run_name.ts';
import type { Actions } from '../actions.ts';
import { messageOf } from '../declared.ts';
import type { History } from '../history.ts';
import { stepOf } from '../keeper.ts';
import { stepAt } from '../storage/places.ts';
import { isDone, type KeptRun, storedState, type UserPart } from '../storage/record.ts';
import type { Recorder } from '../storage/recorder.ts';
import { blockOf, historyOf } from '../storage/rows.ts';
import { notify, type Store } from '../store.ts';
import { shownDetails } from './details.ts';
import { bundleOfPage, curvesOf, readBundle, saveBundle, saveWeights } from './exchange.ts';
import { forkRun } from './forking.ts';
import { keptOf, newestState } from './going_on.ts';
import { tellOtherAdapter } from './made_by.ts';

export class Library {
  constructor(
    readonly recorder: Recorder,
    private readonly store: Store,
    private readonly history: History,
    private readonly actions: Actions,
  ) {}

  /** Reads the list; finds the run to offer; clears away for good what was deleted at an earlier visit. */
  async load(): Promise<void> {
    await this.attempt('The kept runs could not be read', async () => {
      const { state, shelf } = this.recorder;
      // Where there is no database the recorder has said so.
      const open = await shelf.catch(() => undefined);
      if (!open) return;
      const { runs, broken } = await open.list();
      const elsewhere = await this.recorder.locks.elsewhere();
      for (const { id } of runs.filter((run) => run.isRemoved && !elsewhere.has(run.id))) {
        await open.remove(id);
      }
      const kept = runs.filter((run) => !run.isRemoved);
      state.setState(({ runs: own }) => ({
        // A run that began meanwhile is newer than what was read.
        runs: [...own, ...kept.filter(({ id }) => !own.some((run) => run.id === id))],
        ...{ broken, elsewhere },
      }));
      if (broken.length > 0) this.tellBroken(broken.map(({ id, message }) => `${id}: ${message}`));
      const cut = kept.find((run) => !run.isSetAside && !isDone(run) && !elsewhere.has(run.id));
      const [at] = cut ? await open.statesOf(cut) : [];
      const step = at === undefined ? undefined : stepAt(at, cut?.stateArms);
      // Cut off before its first step it has nothing that a new start does not have.
      if (cut && (step !== undefined || cut.step > 0) && !state.getState().currentId) {
        state.setState({ offer: { id: cut.id, step } });
      }
    });
  }

  private tellBroken(lines: readonly string[]): void {
    const count = lines.length === 1 ? 'A kept run' : `${lines.length} kept runs`;
    const text = `${lines.join('; ')}. The others are in place.`;
    notify(this.store, 'info', `${count} could not be read and is skipped`, text);
  }

  /** What other tabs have begun, gone on with or renamed since. */
  async refresh(): Promise<void> {
    await this.attempt('The kept runs could not be read', async () => {
      const { state, shelf, locks } = this.recorder;
      const open = await shelf.catch(() => undefined);
      if (!open) return;
      // What is on its way would look like an older state.
      await this.recorder.flush();
      const [{ runs: stored }, elsewhere] = await Promise.all([open.list(), locks.elsewhere()]);
      const byId = new Map(stored.map((run) => [run.id, run]));
      state.setState(({ runs, currentId }) => {
        const known = runs.map((run) => (run.id === currentId ? run : (byId.get(run.id) ?? run)));
        const ids = new Set(runs.map((run) => run.id));
        const fresh = stored.filter((run) => !run.isRemoved && !ids.has(run.id));
        return { runs: [...fresh, ...known], elsewhere };
      });
    });
  }

  patch(id: string, part: UserPart): void {
    this.recorder.change(id, part);
    void this.recorder.write((shelf) => shelf.patch(id, part));
  }

  /** Deletes what cannot be read, or a run at once. */
  async removeBroken(id: string): Promise<void> {
    await this.attempt('The record was not deleted', async () => {
      await (await this.recorder.shelf).remove(id);
      this.recorder.state.setState(({ broken }) => ({
        broken: broken.filter((run) => run.id !== id),
      }));
    });
  }

  /** Goes on with a run from its newest checkpoint, curves and all. */
  async continueRun(id: string): Promise<void> {
    await this.attempt('The run was not continued', async () => {
      const run = this.run(id);
      if (!(await this.recorder.locks.take(id))) {
        await this.show(id);
        notify(
          this.store,
          'info',
          `${run.name} is open in another tab`,
          'It trains there; here its curves are shown as they were when you opened them, read-only.',
        );
        return this.refresh();
      }
      const shelf = await this.recorder.shelf;
      const { checkpoint, damaged } = await newestState(shelf, run);
      if (!checkpoint) return this.beginAgain(run, damaged);
      const { blocks, details, lost } = await shelf.read(id);
      this.recorder.own(checkpoint, id);
      this.store.setState({ draft: run.experiment });
      const probes = await shelf.probes(id);
      tellOtherAdapter(this.store, run, run.madeBy?.at(-1));
      this.actions.goOn(checkpoint, keptOf(blocks, details, probes, checkpoint));
      const missing = [...damaged, ...lost];
      if (missing.length > 0) {
        const text = `Left out: ${missing.join('; ')}. It goes on from step ${stepOf(checkpoint)}.`;
        notify(this.store, 'info', `Parts of “${run.name}” are damaged`, text);
      }
    });
  }

  /** Without a state to go on from: the same seeds take the same steps, into the same record. */
  private beginAgain(run: KeptRun, damaged: readonly string[]): void {
    const why = damaged.length > 0 ? ` (${damaged.join('; ')})` : '';
    const text = `There is no state of it to go on from${why}. The same seeds take the same steps on this adapter.`;
    // Forks cannot begin again: what they began with is gone, so the record with their curves stays as it is.
    if (run.forks.length > 0) this.rerun(run.id);
    else {
      this.recorder.beginAgain(run.id);
      this.open(run.experiment, run);
    }
    notify(this.store, 'info', `“${run.name}” begins again from the base`, text);
  }

  notNow(id: string): void {
    this.recorder.setAside(id);
  }

  /** Shows a run's curves as a recording. */
  async show(id: string): Promise<void> {
    await this.attempt('The run was not opened', async () => {
      const { name, experiment } = this.run(id);
      const shelf = await this.recorder.shelf;
      const [history, { details }, probes] = await Promise.all([
        this.curves(id),
        shelf.read(id),
        shelf.probes(id),
      ]);
      this.store.setState({
        recording: {
          ...{ source: `the kept run “${name}”`, experiment, history },
          details: shownDetails(details, probes),
        },
        hidden: new Set(),
      });
    });
  }

  /** The same settings and seeds from the beginning; forks, which began in the middle, are left out. */
  rerun(id: string): void {
    const run = this.run(id);
    const { experiment, forks, name } = run;
    if (forks.length > 0) {
      const text = 'They began from the middle of another arm; fork again when the run is there.';
      notify(this.store, 'info', `Forks of ${name} are left out`, text);
    }
    this.open(withoutForks(experiment, forks), run);
  }

  /** With the family of kernels that the run began with. */
  private open(experiment: Experiment, run: KeptRun): void {
    this.store.setState({ draft: experiment, recording: undefined, proposal: 'declined' });
    tellOtherAdapter(this.store, run, run.madeBy?.[0]);
    this.actions.restart(run.madeBy?.[0]);
  }

  /** Curves of a run: of the page's own memory where it is under way. */
  async curves(id: string): Promise<History> {
    if (this.recorder.state.getState().currentId === id) {
      return historyOf(this.history.runs().map((run) => blockOf(run)));
    }
    return historyOf((await (await this.recorder.shelf).read(id)).blocks);
  }

  /** Kept states of the run under way that a fork of this arm can begin at, besides where it is. */
  async forkSteps(arm: string): Promise<{ at: number; step: number }[]> {
    const { currentId } = this.recorder.state.getState();
    if (!currentId) return [];
    try {
      return await (await this.recorder.shelf).checkpointsWith(currentId, arm);
    } catch {
      return [];
    }
  }

  /** `arm` begins from where `source` is, or was at the checkpoint kept under step `at`, and goes on beside it. */
  async fork(source: string, arm: Arm, at?: number): Promise<void> {
    const { recorder, store, history, actions } = this;
    await this.attempt('The fork was not made', () =>
      forkRun({ recorder, store, history, actions }, source, arm, at),
    );
  }

  /** Saves what stands on the page. */
  async saveBundle(withState: boolean): Promise<void> {
    await this.attempt('The bundle was not saved', async () => {
      const checkpoint = withState ? await this.actions.checkpointNow() : undefined;
      const run = this.recorder.record(this.recorder.state.getState().currentId);
      saveBundle(bundleOfPage(this.store.getState(), this.history, run, checkpoint));
    });
  }

  /** Saves a kept run with its newest checkpoint, if it has one. */
  async saveKept(id: string): Promise<void> {
    await this.attempt('The bundle was not saved', async () => {
      const run = this.run(id);
      const { name, label, experiment, forks, madeBy } = run;
      const shelf = await this.recorder.shelf;
      const { checkpoint } = await newestState(shelf, run);
      const { details } = await shelf.read(id);
      const curves = curvesOf(await this.curves(id));
      const probes = await shelf.probes(id);
      const head = { name, label, experiment, forks, madeBy };
      saveBundle({ ...head, curves, ...details, probes, checkpoint });
    });
  }

  async saveWeights(run: RunId): Promise<void> {
    await this.attempt('The weights were not saved', async () => {
      const { currentId } = this.recorder.state.getState();
      const name = this.recorder.record(currentId)?.name ?? 'base';
      const answer = await this.actions.exportWeights(run);
      if (!answer.files) throw new RangeError(answer.message);
      await saveWeights(name, run, answer.step, answer.files);
    });
  }

  /**
   * Keeps a bundle as a run of its own and shows its curves as a recording.
   * @throws {RangeError} the first thing in it that is not as it must be; nothing is kept then
   */
  importBundle(json: unknown): void {
    const { bundle, run: read, history, blocks, notices } = readBundle(json);
    const { state: kept } = this.recorder;
    const id = crypto.randomUUID();
    const taken = new Set(kept.getState().runs.map((run) => run.name));
    const given = bundle.name.slice(0, 60);
    const name = taken.has(given) || given === '' ? runName(id, taken) : given;
    const run: KeptRun = { ...read, id, name };
    kept.setState(({ runs }) => ({ runs: [run, ...runs] }));
    const { responses, difficulty, probes, checkpoint, experiment } = bundle;
    const details = { responses, difficulty };
    const state = checkpoint && storedState(checkpoint);
    void this.recorder.write((shelf) =>
      shelf.write(run, { blocks, details, probes, checkpoint: state }),
    );
    this.store.setState({
      recording: {
        ...{ source: `the bundle “${name}”`, experiment, history },
        details: shownDetails(details, probes),
      },
      hidden: new Set(),
    });
    const more = checkpoint ? ' Continue there goes on from its state.' : '';
    notify(this.store, 'info', `Opened “${name}”`, `It is kept under Runs.${more}`);
    if (notices.length > 0) notify(this.store, 'info', 'Parts of the bundle', notices.join('; '));
  }

  run(id: string): KeptRun {
    const run = this.recorder.record(id);
    if (!run) throw new RangeError(`run ${id}: must be kept here, got none`);
    return run;
  }

  async attempt(title: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      notify(this.store, 'error', title, messageOf(error));
    }
  }
}

function withoutForks(experiment: Experiment, forks: KeptRun['forks']): Experiment {
  const forked = new Set(forks.map((fork) => fork.arm));
  return { ...experiment, arms: experiment.arms.filter((arm) => !forked.has(arm.id)) };
}
