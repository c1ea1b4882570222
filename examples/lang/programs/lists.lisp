; Lists are pairs in a row. A long one goes without recursion, by count.
(define map
  (lambda (f list)
    (define head (cons nil nil))
    (define last head)
    (while list
      (set-cdr! last (cons (f (car list)) nil))
      (set! last (cdr last))
      (set! list (cdr list)))
    (cdr head)))

(define range
  (lambda (n)
    (define list nil)
    (while (< 0 n)
      (set! n (- n 1))
      (set! list (cons n list)))
    list))

(define sum
  (lambda (list)
    (define total 0)
    (while list
      (set! total (+ total (car list)))
      (set! list (cdr list)))
    total))

(print (map (lambda (x) (* x x)) (range 5)))
(define long (range 20000))
(set! long (map (lambda (x) (* 2 x)) long))
(sum long) ; => 399980000
