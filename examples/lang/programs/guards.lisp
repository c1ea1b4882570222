; A guard calls its function when it goes. In a cycle, everything is still there by then.
(define log nil)
(define say (lambda (what) (set! log (cons what log))))

(define make
  (lambda (name)
    (define self (cons name nil))
    (set-cdr! self (guard (lambda () (say (car self)))))
    (weak self)))

(make "Ann")
(make "Bob")
(print log)
(collect)
(print (if (= (car log) nil) "silent" "both have spoken"))

; A finalizer may bring its object back. It does not run again.
(define saved nil)
(define phoenix
  (lambda ()
    (define self (cons "phoenix" nil))
    (set-cdr! self (guard (lambda () (set! saved self))))
    (weak self)))
(define bird (phoenix))
(collect)
(print (= saved (deref bird)))
(set! saved nil)
(collect)
(deref bird) ; => nil
