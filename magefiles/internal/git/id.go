package git

import (
	"context"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// CommitOf returns the commit that a revision of the repository at a directory names; where there is none, the error is git's.
func CommitOf(ctx context.Context, dir, revision string) (commitid.ID, error) {
	return repository{dir: dir}.readID(ctx, revision+"^{commit}")
}

// readID asks git rev-parse for the one commit that its arguments name.
func (r repository) readID(ctx context.Context, args ...string) (commitid.ID, error) {
	out, err := r.output(ctx, append([]string{"rev-parse", "--verify"}, args...)...)
	if err != nil {
		return "", err
	}
	return commitid.Parse(out)
}

// parseIDs takes ids apart that git prints with spaces between them.
func parseIDs(text string) ([]commitid.ID, error) {
	var ids []commitid.ID
	for field := range strings.FieldsSeq(text) {
		id, err := commitid.Parse(field)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
