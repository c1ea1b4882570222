; Closures share the variables of the scope that they were made in.
(define make-counter
  (lambda (step)
    (define count 0)
    (lambda () (set! count (+ count step)) count)))

(define by-one (make-counter 1))
(define by-ten (make-counter 10))
(by-one)
(by-one)
(print (by-one))
(print (by-ten))

; A function that calls itself: its scope has it, and it has its scope.
(define factorial
  (lambda (n) (if (< n 2) 1 (* n (factorial (- n 1))))))
(print (factorial 20))

(define compose (lambda (f g) (lambda (x) (f (g x)))))
((compose (lambda (x) (* x x)) (lambda (x) (+ x 1))) (by-one)) ; => 25
