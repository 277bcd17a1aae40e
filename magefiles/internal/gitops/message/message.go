// Package message words the commit of a bump: a table of what changes for people, and trailers for later runs.
package message

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// Render writes the commit's message from what the commit really changes.
func Render(b bump.Bump, draft *edit.Draft, v guard.Verdict) (repo.Message, error) {
	subject, err := b.Subject(draft, len(v.Overridden) > 0)
	m := repo.Message{Headline: subject, Body: Trailers(b, draft, v).String()}
	if len(draft.Kept) > 0 {
		m.Body = keptLines(draft.Kept) + "\n" + m.Body
	}
	if len(draft.Changes) > 0 {
		m.Body = edit.Table(draft.Changes) + "\n" + m.Body
	}
	return m, err
}

// keptLines returns a line for each component that is left alone.
func keptLines(kept []hold.Kept) string {
	var b strings.Builder
	for _, k := range kept {
		fmt.Fprintf(&b, "%s keeps %s, which is the same image\n", k.Component, escape.Commit(k.Tag))
	}
	return b.String()
}
