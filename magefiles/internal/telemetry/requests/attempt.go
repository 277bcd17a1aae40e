package requests

import "context"

type attemptKey struct{}

// WithAttempt tells the requests of a context which try of the same work they belong to, from 1.
func WithAttempt(ctx context.Context, n int) context.Context {
	return context.WithValue(ctx, attemptKey{}, n)
}

// attemptNumber is 1 unless the context says otherwise.
func attemptNumber(ctx context.Context) int {
	if n, ok := ctx.Value(attemptKey{}).(int); ok {
		return n
	}
	return 1
}
