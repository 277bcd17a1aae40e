package release

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/submodule"
)

// Update moves the submodule ci/ to another version, shows what lies between, and stages it. It does not read the
// configuration: one that only the new version understands must not be in the way.
func Update(ctx context.Context, p Process, o Options) error {
	ctx, s := newSession(ctx, report.CommandUpdate, p, o)
	err := s.update(ctx)
	return s.close(ctx, err)
}

func (s *session) update(ctx context.Context) error {
	root, err := source.Root(cmp.Or(s.process.Dir, "."), config.FileName)
	if err != nil {
		return err
	}
	moved, err := submodule.Move(ctx, root, s.options.To)
	if err != nil {
		return err
	}
	s.sayMoved(moved)
	return s.print(func(w io.Writer) error { _, err := io.WriteString(w, moved.To+"\n"); return err })
}

func (s *session) sayMoved(u *submodule.Update) {
	say := func(format string, args ...any) { s.console.Note(fmt.Sprintf(format, args...)) }
	if u.UpToDate {
		say("nothing to do: %s is at %s", u.Path, u.To)
		return
	}
	verb := "brings"
	if u.Back {
		verb = "takes back"
	}
	say("%s from %s to %s, which %s:", u.Path, u.From, u.To, verb)
	for _, change := range u.Changes {
		say("- %s", change)
	}
	say("staged: %s", strings.Join(append([]string{u.Path}, u.Files...), ", "))
	say("look whether it reads astrago.yaml as before: ./%s/scripts/mage plan; then: git commit -m \"ci: %s\"", u.Path, u.To)
}
