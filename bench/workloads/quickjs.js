// SPDX-License-Identifier: MIT
// Objects with methods that hand work to each other, closures, strings and arrays: what scripts do.

class Packet {
  constructor(link, target, kind) {
    this.link = link;
    this.target = target;
    this.kind = kind;
    this.data = [0, 0, 0, 0];
  }
}

class Task {
  constructor(name, work) {
    this.name = name;
    this.work = work;
    this.queue = null;
    this.count = 0;
  }
  push(packet) {
    packet.link = this.queue;
    this.queue = packet;
  }
  run(scheduler) {
    const packet = this.queue;
    if (packet === null) return false;
    this.queue = packet.link;
    this.count++;
    this.work(scheduler, packet);
    return true;
  }
}

class Scheduler {
  constructor() {
    this.tasks = [];
    this.seed = 42;
  }
  random() {
    this.seed = (Math.imul(this.seed, 1103515245) + 12345) & 0x7fffffff;
    return this.seed;
  }
  add(work) {
    this.tasks.push(new Task(`task${this.tasks.length}`, work));
  }
  send(packet, target) {
    packet.target = target;
    this.tasks[target].push(packet);
  }
  run(rounds) {
    for (let i = 0; i < rounds; i++) for (const task of this.tasks) task.run(this);
  }
}

function schedule() {
  const scheduler = new Scheduler();
  for (let i = 0; i < 6; i++) {
    scheduler.add((self, packet) => {
      for (let at = 0; at < packet.data.length; at++) packet.data[at] = (packet.data[at] * 31 + i) & 0xffff;
      packet.kind ^= 1;
      self.send(packet, self.random() % self.tasks.length);
    });
  }
  for (let i = 0; i < 50; i++) scheduler.send(new Packet(null, 0, i & 1), i % 6);
  scheduler.run(40000);
  return scheduler.tasks.map((task) => task.count).join(' ');
}

function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

function words(n) {
  const counts = new Map();
  let seed = 1;
  for (let i = 0; i < n; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    const word = `w${seed % 5000}`;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0][0];
}

function text(n) {
  const lines = [];
  for (let i = 0; i < n; i++) lines.push(`line ${i} of many`.toUpperCase());
  return lines.join('\n').replace(/\d+/g, (digits) => digits.length).length;
}

print(schedule(), fib(24), words(100000), text(40000));
