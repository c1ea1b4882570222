; Two pairs that have each other. Once nobody else has them, only the collector can tell that they are garbage.
(define ring
  (lambda ()
    (define first (cons "first" nil))
    (define second (cons "second" first))
    (set-cdr! first second)
    first))

(define kept (ring))
(print kept)

; The scopes of the calls were freed when they returned: no closure has captured them.
(define times 1000)
(while (< 0 times)
  (ring)
  (set! times (- times 1)))

(set! kept nil)
(print (< 0 (collect)))

; A scope in which a function was defined is a cycle as well: the scope has the function, the function has the scope.
(define local
  (lambda ()
    (define me (lambda () me))
    nil))
(local)
(collect) ; => 2
