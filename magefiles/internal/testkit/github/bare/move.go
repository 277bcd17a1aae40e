package bare

import (
	"context"
	"fmt"
	"strings"
)

// Movement points a reference from one object to another, as in Move.
type Movement struct{ Name, From, To string }

// MoveAll makes all movements in one transaction of git, or none. The error is ErrStale when a reference has moved.
func (r *Repository) MoveAll(ctx context.Context, moves []Movement) error {
	var script strings.Builder
	for _, m := range moves {
		if m.From == m.To {
			fmt.Fprintf(&script, "verify %s %s\n", m.Name, m.From)
			continue
		}
		fmt.Fprintf(&script, "update %s %s %s\n", m.Name, m.To, m.From)
	}
	if _, err := r.git(ctx, []byte(script.String()), "update-ref", "--stdin"); err != nil {
		if strings.Contains(err.Error(), "expected") || strings.Contains(err.Error(), ".lock") {
			return fmt.Errorf("moving %d references: %w", len(moves), ErrStale)
		}
		return fmt.Errorf("moving %d references: %w", len(moves), err)
	}
	return nil
}
