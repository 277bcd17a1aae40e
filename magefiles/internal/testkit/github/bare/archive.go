package bare

import "context"

// Archive returns the tree of a commit as a gzipped tar whose paths begin with prefix.
func (r *Repository) Archive(ctx context.Context, commit, prefix string) ([]byte, error) {
	return r.git(ctx, nil, "archive", "--format=tar.gz", "--prefix="+prefix, commit)
}
