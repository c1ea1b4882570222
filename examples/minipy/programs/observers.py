"""An observer graph: subjects know their observers weakly, observers their subjects strongly. Some have finalizers, and one
brings itself back to life."""

import gc
import weakref

log = []


class Subject:
    def __init__(self, name):
        self.name = name
        self.observers = weakref.WeakValueDictionary()

    def attach(self, observer):
        self.observers[observer.name] = observer
        observer.subjects.append(self)

    def notify(self, event):
        for name in sorted(self.observers.keys()):
            observer = self.observers.get(name)
            if observer is not None:
                observer.update(self, event)


class Observer:
    def __init__(self, name):
        self.name = name
        self.subjects = []
        self.seen = 0

    def update(self, subject, event):
        self.seen += 1
        log.append((self.name, subject.name, event))


class Logged(Observer):
    def __del__(self):
        log.append((self.name, "finalized", self.seen))


class Phoenix(Observer):
    saved = []

    def __del__(self):
        log.append((self.name, "rises", self.seen))
        Phoenix.saved.append(self)


def show(title):
    print(title)
    for entry in log:
        print("   ", *entry)
    log.clear()


def main():
    weather, news = Subject("weather"), Subject("news")
    ann, bob, phoenix = Observer("ann"), Logged("bob"), Phoenix("phoenix")
    for observer in (ann, bob, phoenix):
        weather.attach(observer)
        news.attach(observer)
    observer = None
    weather.notify("rain")
    show("all three")
    del bob
    news.notify("election")
    show("bob has gone")
    phoenix.me = phoenix
    del phoenix
    gc.collect()
    show("a cycle is found")
    back = Phoenix.saved.pop()
    print("alive:", back.name, [subject.name for subject in back.subjects], back.me is back)
    weather.notify("sun")
    show("the others go on")
    del back.me
    del back
    gc.collect()
    show("the second death is silent")
    print(Phoenix.saved, len(weather.observers))
    weakref.finalize(ann, print, "ann is gone")
    gone = weakref.ref(ann)
    del ann
    print(gone() is None, len(news.observers))


main()
