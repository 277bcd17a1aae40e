// Package parallel does one thing for many items, several at once.
package parallel

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// Lookups is the number of concurrent requests.
const Lookups = 16

// Each calls step for every item, limit of them at once. The first failure ends the context of the others, and no other item begins; Each
// returns it.
func Each[T any](ctx context.Context, limit int, items []T, step func(ctx context.Context, i int, item T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(limit)
	for i, item := range items {
		group.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return step(ctx, i, item)
		})
	}
	return group.Wait()
}

// All calls step for every item, limit of them at once. What one came to, step keeps: none ends the others.
func All[T any](limit int, items []T, step func(i int, item T)) {
	var group errgroup.Group
	group.SetLimit(limit)
	for i, item := range items {
		group.Go(func() error {
			step(i, item)
			return nil
		})
	}
	_ = group.Wait() // none fails
}
