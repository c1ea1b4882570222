; A tree whose nodes have their parent: strongly, so that it is a cycle, and seen from outside through a weak reference.
(define leaf (cons "leaf" nil))
(define root (cons "root" leaf))
(set-cdr! leaf root)

(define watch (weak root))
(print (car (deref watch)))

(set! root nil)
(print (car (deref watch))) ; the leaf has it

(set! leaf nil)
(print (= (deref watch) nil)) ; a cycle: nobody knows yet
(collect)
(print (deref watch))

; Not part of a cycle: gone at once.
(define alone (cons "alone" nil))
(set! watch (weak alone))
(set! alone nil)
(deref watch) ; => nil
