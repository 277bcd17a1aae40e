package trailer

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// NewRollback returns the trailer of a build that was rejected: its tag, and its commit in the application repository, as far as they are
// known.
func NewRollback(name component.Name, tag, repository string, commit commitid.ID) Trailer {
	value := string(name)
	if tag != "" {
		value += " " + tag
	}
	if commit != "" {
		value += " " + formatCommit(repository, commit)
	}
	return Trailer{Key: Rollback, Value: value}
}

// NewRestored returns the trailer of the commit of the deployment repository whose values come back, the zero value where none had them.
func NewRestored(commit commitid.ID) Trailer { return Trailer{Key: Restored, Value: string(commit)} }

// RolledBack returns the components whose builds were rejected, and the commit whose values came back; "" where this was no rollback.
func (t List) RolledBack() (rejected []component.Name, restored commitid.ID) {
	return t.firstWords(Rollback), commitid.ID(t.Get(Restored))
}
