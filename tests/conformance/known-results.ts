// SPDX-License-Identifier: MIT
/**
 * The tests of the Open POSIX Test Suite that do not pass, how each ends, and why. `npm run conformance` says which end otherwise,
 * also when one passes: the list is what it says. "native too": the same program, built by gcc with glibc, ends in the same way
 * on a Linux that is not ours.
 */
import type { Outcome } from './tests.ts';

export interface KnownResult {
  readonly outcome: Outcome;
  readonly reason: string;
  /** How else it may end: that depends on which of two is faster. */
  readonly or?: readonly Outcome[];
}

/** By outcome and reason; names of tests separated by blanks. */
const GROUPS: readonly (KnownResult & { readonly tests: string })[] = [
  {
    outcome: 'FAIL',
    reason: 'native too',
    tests:
      'aio_error/3-1 aio_read/8-1 aio_return/4-1 aio_write/6-1 aio_write/8-2 clock_getcpuclockid/2-1 mlock/speculative/12-1 mmap/21-1 mmap/23-1 mmap/31-1 mq_timedreceive/10-2 pthread_kill/6-1 pthread_mutex_getprioceiling/1-1 pthread_mutexattr_gettype/speculative/3-1 pthread_rwlock_rdlock/2-1 pthread_rwlock_rdlock/2-2 shm_open/39-2 shm_unlink/10-2 sigset/8-1 timer_create/10-1 timer_create/11-1',
  },
  {
    outcome: 'FAIL',
    reason: "musl's aio looks at the request when it is made, not when it is queued",
    tests: 'aio_read/11-2',
    or: ['PASS', 'FAIL', 'HUNG'],
  },
  {
    outcome: 'FAIL',
    reason: "a race that the suite expects to lose: musl's requests end at once, and it has no limit for them",
    tests: 'lio_listio/2-1 lio_listio/11-1 lio_listio/13-1 lio_listio/14-1 lio_listio/18-1',
    or: ['PASS', 'FAIL', 'HUNG'],
  },
  {
    outcome: 'FAIL',
    reason: 'the engine does not protect pages: no SIGSEGV for a write to a read-only mapping',
    tests: 'mmap/6-1 mmap/6-2 mmap/6-3',
  },
  {
    outcome: 'FAIL',
    reason: 'musl takes any value for scheduling',
    tests:
      'pthread_attr_setschedparam/speculative/3-1 pthread_attr_setschedparam/speculative/3-2 pthread_attr_setschedpolicy/4-1',
  },
  {
    outcome: 'FAIL',
    reason: "musl's pthread_attr_getstack answers EINVAL, or another size, for attributes",
    tests: 'pthread_attr_setstacksize/2-1',
  },
  {
    outcome: 'FAIL',
    reason: "looks at a thread that is gone, which is undefined; glibc's answer is ESRCH",
    tests: 'pthread_detach/4-2 pthread_join/6-2',
  },
  {
    outcome: 'FAIL',
    reason: 'musl does not cancel within pthread_mutex_lock, asynchronously neither',
    tests: 'pthread_setcanceltype/1-1',
  },
  {
    outcome: 'FAIL',
    reason: 'Linux lets everybody look, and has more policies; native too',
    tests: 'sched_getparam/6-1 sched_getscheduler/7-1',
  },
  {
    outcome: 'FAIL',
    reason: 'no limit for unnamed semaphores, as on any Linux',
    tests: 'sem_init/7-1',
  },
  {
    outcome: 'FAIL',
    reason: "musl's shm_unlink says EPERM where POSIX has EACCES",
    tests: 'shm_unlink/9-1',
  },
  {
    outcome: 'FAIL',
    reason: "musl's functions do not refuse signal numbers from 65 up",
    tests: 'sigismember/5-1 sigismember/5-2 sigismember/5-3 sigismember/5-4',
  },
  {
    outcome: 'FAIL',
    reason: "musl's sighold",
    tests: 'sigprocmask/17-1 sigprocmask/17-2 sigprocmask/17-3 sigprocmask/17-4',
  },
  {
    outcome: 'FAIL',
    reason: 'raise is tkill, so si_code is SI_TKILL as on any Linux; new versions of glibc say SI_USER',
    tests: 'sigwaitinfo/6-1',
  },
  {
    outcome: 'UNRESOLVED',
    reason: "musl's requests have all ended when the test wants to cancel one",
    tests: 'aio_cancel/3-1 aio_cancel/4-1 aio_cancel/6-1 aio_cancel/7-1',
    or: ['PASS', 'FAIL', 'HUNG'],
  },
  {
    outcome: 'UNRESOLVED',
    reason: 'native too',
    tests:
      'aio_read/9-1 aio_write/7-1 fork/7-1 mlockall/3-7 mlockall/speculative/15-1 sigaltstack/9-1 sigset/6-1 sigset/7-1',
  },
  {
    outcome: 'UNRESOLVED',
    reason: "musl's pthread_attr_getstack answers EINVAL, or another size, for attributes",
    tests:
      'pthread_attr_getstack/1-1 pthread_attr_setstack/1-1 pthread_attr_setstack/2-1 pthread_attr_setstack/4-1 pthread_attr_setstack/6-1 pthread_attr_setstack/7-1',
  },
  {
    outcome: 'UNRESOLVED',
    reason: 'wants an unsupported policy; native too',
    tests: 'pthread_attr_setschedpolicy/speculative/5-1',
  },
  {
    outcome: 'UNRESOLVED',
    reason: 'wants to allocate SIZE_MAX; on 32 bits there is no such room',
    tests: 'pthread_attr_setstacksize/4-1',
  },
  {
    outcome: 'UNRESOLVED',
    reason: 'cancels faster than threads end: EAGAIN; not tried natively',
    tests: 'pthread_cancel/5-2',
  },
  {
    outcome: 'UNRESOLVED',
    reason: 'musl has no priority ceilings',
    tests: 'pthread_mutexattr_getprotocol/1-2 pthread_mutexattr_setprotocol/1-1',
  },
  {
    outcome: 'UNRESOLVED',
    reason: 'Linux lets everybody look, and has more policies; native too',
    tests: 'sched_rr_get_interval/speculative/5-1 sched_setscheduler/17-5',
  },
  {
    outcome: 'DIED',
    reason: 'musl ends the program when a thread is joined or detached twice',
    tests: 'pthread_attr_setdetachstate/2-1 pthread_detach/1-1 pthread_detach/4-1 pthread_join/speculative/6-1',
  },
  {
    outcome: 'DIED',
    reason: 'uses a key before it is made',
    tests: 'pthread_key_create/2-1',
  },
  {
    outcome: 'DIED',
    reason: 'writes past an array of five keys; native too',
    tests: 'pthread_key_create/speculative/5-1',
  },
  {
    outcome: 'DIED',
    reason: 'calls an initialiser through a pointer of another type',
    tests: 'pthread_once/1-1 pthread_once/3-1',
  },
  {
    outcome: 'DIED',
    reason: 'native too',
    tests: 'sigaction/10-1',
  },
  {
    outcome: 'HUNG',
    reason: 'native too',
    tests: 'fork/11-1',
  },
  {
    outcome: 'HUNG',
    reason: 'computes until a signal comes, which nobody sends; native too',
    tests: 'pthread_equal/2-1',
  },
  {
    outcome: 'PASS',
    reason: 'a race with the thread of musl that serves the request',
    tests:
      'aio_return/2-1 aio_return/3-2 aio_suspend/1-1 aio_suspend/6-1 aio_suspend/8-1 aio_suspend/9-1 aio_write/9-2 lio_listio/1-1 lio_listio/5-1',
    or: ['FAIL'],
  },
  {
    outcome: 'PASS',
    reason: 'a race: the signal may come before the thread has its handler, and kills then',
    tests: 'pthread_mutex_lock/3-1',
    or: ['DIED'],
  },
  {
    outcome: 'PASS',
    reason: 'a race: the signal may come before sleep() is called, which then sleeps to its end',
    tests: 'mq_send/5-1',
    or: ['FAIL'],
  },
  {
    outcome: 'HUNG',
    reason: 'sleeps five minutes when the handler has run before sleep() is called; native too',
    tests: 'timer_settime/5-3',
    or: ['PASS'],
  },
  {
    outcome: 'HUNG',
    reason: "unlocks another thread's mutex of the default kind, which is undefined; musl's waits for ever",
    tests: 'pthread_mutex_init/1-2 pthread_mutex_init/3-2',
  },
  {
    outcome: 'HUNG',
    reason: 'locks twice, which may deadlock; glibc answers EDEADLK',
    tests: 'pthread_rwlock_wrlock/3-1',
  },
  {
    outcome: 'HUNG',
    reason: 'main sets what the thread is to set, perhaps after it: a race',
    tests: 'sigpause/3-1',
    or: ['PASS', 'FAIL', 'HUNG'],
  },
  {
    outcome: 'HUNG',
    reason: "musl's sigpause does not look at the signal's number",
    tests: 'sigpause/4-1',
  },
  {
    outcome: 'BUILD',
    reason: 'a prototype that the standard has changed; native too',
    tests: 'definitions/aio_h/4-1',
  },
  {
    outcome: 'BUILD',
    reason: 'Linux has no sporadic server (SCHED_SPORADIC)',
    tests: 'definitions/sched_h/8-3 sched_setparam/25-3 sched_setparam/25-4',
  },
  {
    outcome: 'BUILD',
    reason: "calls its handler without the signal's number, which clang refuses",
    tests: 'pthread_spin_lock/3-2',
  },
  {
    outcome: 'BUILD',
    reason: 'struct sigstack, which no libc has any more',
    tests: 'definitions/signal_h/20-1',
  },
  {
    outcome: 'BUILD',
    reason: 'typed memory, which no Linux has; native too',
    tests:
      'definitions/sys/mman_h/8-1 definitions/sys/mman_h/8-2 definitions/sys/mman_h/8-3 definitions/sys/mman_h/10-1 definitions/sys/mman_h/20-1 definitions/sys/mman_h/21-1 definitions/sys/mman_h/22-1',
  },
  {
    outcome: 'BUILD',
    reason: 'musl has no priority ceilings',
    tests:
      'pthread_mutexattr_getprioceiling/1-1 pthread_mutexattr_getprioceiling/1-2 pthread_mutexattr_getprioceiling/3-1 pthread_mutexattr_setprioceiling/1-1 pthread_mutexattr_setprioceiling/3-1 pthread_mutexattr_setprioceiling/3-2',
  },
  {
    outcome: 'UNSUPPORTED',
    reason: 'musl has no prioritised input and output (_POSIX_PRIORITIZED_IO)',
    tests: 'aio_read/2-1',
  },
  {
    outcome: 'UNSUPPORTED',
    reason: 'Linux does not have it; native too',
    tests: 'pthread_mutex_init/speculative/5-2 sched_setscheduler/15-1',
  },
  {
    outcome: 'UNSUPPORTED',
    reason: 'Linux has no sporadic server',
    tests:
      'sched_get_priority_max/1-3 sched_get_priority_min/1-3 sched_setparam/12-1 sched_setparam/13-1 sched_setparam/14-1 sched_setparam/15-1 sched_setparam/16-1 sched_setparam/23-2 sched_setparam/23-3 sched_setparam/23-4 sched_setparam/23-5 sched_setparam/25-2 sched_setscheduler/9-1 sched_setscheduler/10-1 sched_setscheduler/11-1 sched_setscheduler/17-2 sched_setscheduler/17-3 sched_setscheduler/17-4 sched_setscheduler/19-2 sched_setscheduler/19-3 sched_setscheduler/19-4',
  },
  {
    outcome: 'UNTESTED',
    reason: 'the suite does not test it',
    tests:
      'aio_fsync/1-1 aio_fsync/6-1 aio_fsync/7-1 aio_fsync/10-1 aio_fsync/11-1 aio_fsync/13-1 aio_read/6-1 aio_read/12-1 aio_read/13-1 aio_read/14-1 aio_read/15-1 aio_suspend/2-1 aio_suspend/5-1 aio_write/4-1 aio_write/10-1 aio_write/11-1 aio_write/12-1 aio_write/13-1 definitions/mqueue_h/1-1 definitions/mqueue_h/2-1 definitions/mqueue_h/3-1 definitions/mqueue_h/4-1 definitions/mqueue_h/5-1 definitions/mqueue_h/6-1 definitions/mqueue_h/7-1 definitions/mqueue_h/8-1 definitions/mqueue_h/9-1 definitions/mqueue_h/10-1 definitions/mqueue_h/11-1 lio_listio/16-1 lio_listio/17-1 lio_listio/19-1 lio_listio/20-1 lio_listio/21-1 lio_listio/22-1 lio_listio/23-1 lio_listio/24-1 lio_listio/25-1 mmap/27-1 mq_close/5-1 mq_open/4-1 mq_open/10-1 mq_open/14-1 mq_open/17-1 mq_open/22-1 mq_open/24-1 mq_open/25-1 mq_open/28-1 mq_open/30-1 mq_send/6-1 mq_timedsend/6-1 mq_timedsend/17-1 mq_unlink/2-3 pthread_attr_setscope/5-1 sched_getscheduler/2-1 sched_setparam/3-1 sched_setparam/6-1 sched_setparam/7-1 sched_setparam/8-1 sched_setparam/17-1 sched_setparam/18-1 sched_setparam/19-1 sched_setscheduler/2-1 sched_setscheduler/5-1 sched_setscheduler/6-1 sched_setscheduler/7-1 sched_setscheduler/12-1 sched_setscheduler/13-1 sched_setscheduler/14-1 shm_open/2-1 shm_open/3-1 shm_open/6-1 shm_open/7-1 shm_open/9-1 shm_open/10-1 shm_open/12-1 shm_open/19-1 shm_open/24-1 shm_open/27-1 shm_open/29-1 shm_open/36-1 shm_open/42-1 timer_getoverrun/3-1',
  },
  {
    outcome: 'UNTESTED',
    reason: "musl's PTHREAD_STACK_MIN is no multiple of the page size",
    tests:
      'pthread_create/1-4 pthread_create/3-2 pthread_create/8-2 pthread_create/14-1 pthread_detach/1-2 pthread_detach/2-2 pthread_detach/4-3 pthread_exit/1-2 pthread_exit/2-2 pthread_exit/3-2 pthread_exit/4-1 pthread_exit/5-1 pthread_exit/6-1 pthread_join/1-2 pthread_join/4-1 pthread_join/6-3',
  },
  {
    outcome: 'UNTESTED',
    reason: 'wants another user than root',
    tests: 'sched_setparam/26-1 sched_setscheduler/17-6',
  },
  {
    outcome: 'UNTESTED',
    reason: 'musl does not define _POSIX_PRIORITY_SCHEDULING',
    tests: 'sem_post/8-1',
  },
  {
    outcome: 'FAIL',
    reason: 'the engine does not notice the use of an unmapped page: no SIGSEGV',
    tests: 'munmap/1-1 munmap/1-2',
  },
  {
    outcome: 'FAIL',
    reason: "musl's sem_unlink says EPERM where POSIX has EACCES",
    tests: 'sem_unlink/3-1',
  },
  {
    outcome: 'FAIL',
    reason: 'unlinks a name that nobody has initialised, and looks at errno only',
    tests: 'sem_unlink/4-1',
  },
  {
    outcome: 'FAIL',
    reason: 'a name of NAME_MAX characters behind the slash, which musl takes',
    tests: 'sem_unlink/5-1',
  },
  {
    outcome: 'FAIL',
    reason: 'the engine does not notice the use of a page behind the end of the file: no SIGBUS',
    tests: 'mmap/11-2 mmap/11-3',
  },
  {
    outcome: 'FAIL',
    reason: 'native too',
    tests: 'mmap/11-4 mmap/11-5 mmap/28-1',
  },
  {
    outcome: 'FAIL',
    reason: 'root may lock as much as it likes, as on any Linux',
    tests: 'mmap/18-1',
  },
  {
    outcome: 'DIED',
    reason: "signals another process's condition variable that is not shared, which is undefined; musl's has pointers",
    tests: 'pthread_cond_init/1-3',
  },
  {
    outcome: 'HUNG',
    reason: 'a thousand processes where there is memory for half of them: a matter of speed',
    tests: 'shm_open/23-1',
    or: ['PASS', 'DIED'],
  },
  {
    outcome: 'UNSUPPORTED',
    reason: 'needs the sporadic server, which Linux does not have',
    tests:
      'sched_setparam/20-1 sched_setparam/21-1 sched_setparam/21-2 sched_setscheduler/15-2 sched_setscheduler/22-1 sched_setscheduler/22-2',
  },
  {
    outcome: 'FAIL',
    reason: 'a race, or a matter of speed',
    tests: 'mq_open/16-1 mq_timedsend/5-1 clock/1-1 timer_gettime/1-3',
    or: ['PASS', 'UNRESOLVED'],
  },
  {
    outcome: 'HUNG',
    reason: 'a race, or a matter of speed',
    tests: 'aio_fsync/2-1 aio_fsync/3-1 aio_fsync/5-1 aio_fsync/8-1 lio_listio/12-1',
    or: ['PASS', 'FAIL', 'UNRESOLVED', 'UNTESTED'],
  },
];

export const knownResults: ReadonlyMap<string, KnownResult> = new Map(
  GROUPS.flatMap(({ tests, ...known }) => tests.split(/\s+/).map((name) => [name, known] as const)),
);
