"""Richards: the kernel of a small operating system, after Martin Richards. Six tasks pass packets to each other."""

import sys

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = 1, 2, 3, 4, 5, 6
KIND_DEVICE, KIND_WORK = 1000, 1001
BUFFER_SIZE = 4
TASK_TABLE_SIZE = 10


class Packet:
    def __init__(self, link, ident, kind):
        self.link = link
        self.ident = ident
        self.kind = kind
        self.datum = 0
        self.data = [0] * BUFFER_SIZE

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class TaskRecord:
    pass


class DeviceRecord(TaskRecord):
    def __init__(self):
        self.pending = None


class IdleRecord(TaskRecord):
    def __init__(self):
        self.control = 1
        self.count = 10000


class HandlerRecord(TaskRecord):
    def __init__(self):
        self.work_in = None
        self.device_in = None

    def add_work(self, packet):
        self.work_in = packet.append_to(self.work_in)
        return self.work_in

    def add_device(self, packet):
        self.device_in = packet.append_to(self.device_in)
        return self.device_in


class WorkerRecord(TaskRecord):
    def __init__(self):
        self.destination = HANDLER_A
        self.count = 0


class TaskState:
    def __init__(self):
        self.packet_pending = True
        self.task_waiting = False
        self.task_holding = False

    def packet(self):
        self.packet_pending = True
        self.task_waiting = False
        self.task_holding = False
        return self

    def waiting(self):
        self.packet_pending = False
        self.task_waiting = True
        self.task_holding = False
        return self

    def running(self):
        self.packet_pending = False
        self.task_waiting = False
        self.task_holding = False
        return self

    def waiting_with_packet(self):
        self.packet_pending = True
        self.task_waiting = True
        self.task_holding = False
        return self

    def is_holding_or_waiting(self):
        return self.task_holding or (not self.packet_pending and self.task_waiting)

    def is_waiting_with_packet(self):
        return self.packet_pending and (self.task_waiting and not self.task_holding)


class Scheduler:
    def __init__(self):
        self.tasks = None
        self.table = [None] * TASK_TABLE_SIZE
        self.held = 0
        self.queued = 0

    def find(self, ident):
        task = self.table[ident]
        if task is None:
            raise Exception("bad task id %d" % ident)
        return task

    def schedule(self):
        task = self.tasks
        while task is not None:
            if task.is_holding_or_waiting():
                task = task.link
            else:
                task = task.run()


class Task(TaskState):
    def __init__(self, scheduler, ident, priority, queue, state, record):
        self.scheduler = scheduler
        self.link = scheduler.tasks
        self.ident = ident
        self.priority = priority
        self.queue = queue
        self.packet_pending = state.packet_pending
        self.task_waiting = state.task_waiting
        self.task_holding = state.task_holding
        self.record = record
        scheduler.tasks = self
        scheduler.table[ident] = self

    def work(self, packet, record):
        raise NotImplementedError

    def add_packet(self, packet, old):
        if self.queue is None:
            self.queue = packet
            self.packet_pending = True
            if self.priority > old.priority:
                return self
        else:
            packet.append_to(self.queue)
        return old

    def run(self):
        if self.is_waiting_with_packet():
            packet = self.queue
            self.queue = packet.link
            if self.queue is None:
                self.running()
            else:
                self.packet()
        else:
            packet = None
        return self.work(packet, self.record)

    def wait(self):
        self.task_waiting = True
        return self

    def hold(self):
        self.scheduler.held += 1
        self.task_holding = True
        return self.link

    def release(self, ident):
        task = self.scheduler.find(ident)
        task.task_holding = False
        if task.priority > self.priority:
            return task
        return self

    def send(self, packet):
        task = self.scheduler.find(packet.ident)
        self.scheduler.queued += 1
        packet.link = None
        packet.ident = self.ident
        return task.add_packet(packet, self)


class DeviceTask(Task):
    def work(self, packet, record):
        if packet is None:
            packet = record.pending
            if packet is None:
                return self.wait()
            record.pending = None
            return self.send(packet)
        record.pending = packet
        return self.hold()


class HandlerTask(Task):
    def work(self, packet, record):
        if packet is not None:
            if packet.kind == KIND_WORK:
                record.add_work(packet)
            else:
                record.add_device(packet)
        work = record.work_in
        if work is None:
            return self.wait()
        count = work.datum
        if count >= BUFFER_SIZE:
            record.work_in = work.link
            return self.send(work)
        device = record.device_in
        if device is None:
            return self.wait()
        record.device_in = device.link
        device.datum = work.data[count]
        work.datum = count + 1
        return self.send(device)


class IdleTask(Task):
    def work(self, packet, record):
        record.count -= 1
        if record.count == 0:
            return self.hold()
        if record.control & 1 == 0:
            record.control //= 2
            return self.release(DEVICE_A)
        record.control = record.control // 2 ^ 0xD008
        return self.release(DEVICE_B)


class WorkTask(Task):
    def work(self, packet, record):
        if packet is None:
            return self.wait()
        if record.destination == HANDLER_A:
            destination = HANDLER_B
        else:
            destination = HANDLER_A
        record.destination = destination
        packet.ident = destination
        packet.datum = 0
        for i in range(BUFFER_SIZE):
            record.count += 1
            if record.count > 26:
                record.count = 1
            packet.data[i] = ord("A") + record.count - 1
        return self.send(packet)


def run():
    scheduler = Scheduler()
    IdleTask(scheduler, IDLE, 1, None, TaskState().running(), IdleRecord())
    queue = Packet(None, 0, KIND_WORK)
    queue = Packet(queue, 0, KIND_WORK)
    WorkTask(scheduler, WORKER, 1000, queue, TaskState().waiting_with_packet(), WorkerRecord())
    queue = Packet(None, DEVICE_A, KIND_DEVICE)
    queue = Packet(queue, DEVICE_A, KIND_DEVICE)
    queue = Packet(queue, DEVICE_A, KIND_DEVICE)
    HandlerTask(scheduler, HANDLER_A, 2000, queue, TaskState().waiting_with_packet(), HandlerRecord())
    queue = Packet(None, DEVICE_B, KIND_DEVICE)
    queue = Packet(queue, DEVICE_B, KIND_DEVICE)
    queue = Packet(queue, DEVICE_B, KIND_DEVICE)
    HandlerTask(scheduler, HANDLER_B, 3000, queue, TaskState().waiting_with_packet(), HandlerRecord())
    DeviceTask(scheduler, DEVICE_A, 4000, None, TaskState().waiting(), DeviceRecord())
    DeviceTask(scheduler, DEVICE_B, 5000, None, TaskState().waiting(), DeviceRecord())
    scheduler.schedule()
    return scheduler.held, scheduler.queued


def main(rounds):
    for _ in range(rounds):
        held, queued = run()
        assert (held, queued) == (9297, 23246), (held, queued)
    print("held", held, "queued", queued)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
