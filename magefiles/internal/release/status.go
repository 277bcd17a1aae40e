package release

import (
	"cmp"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/status/page"
)

// Status shows what is deployed where. It changes nothing, and neither the commit that is checked out nor a changed tree
// matters. What cannot be read is shown as such; the command fails where nothing could be read at all.
func Status(ctx context.Context, p Process, o Options) error {
	ctx, s := newSession(ctx, report.CommandStatus, p, o)
	l := &lookout{session: s}
	err := l.run(ctx)
	return l.close(ctx, err)
}

// lookout is one Status under way.
type lookout struct {
	*session
	cfg    *config.Config
	commit source.Commit
	status status.Status

	counts sync.Map // measured, by commit and branch
}

func (l *lookout) run(ctx context.Context) error {
	environments, err := l.prepareStatus(ctx)
	if err != nil {
		return err
	}
	l.registry() // made once, before many use it
	views, err := l.survey(ctx, environments)
	if err != nil {
		return err
	}
	l.lookAtAll(ctx, views)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	l.status.Judge()
	if err := l.writePage(); err != nil {
		return err
	}
	if err := l.print(); err != nil {
		return err
	}
	if !l.status.Known() {
		return problem.New(problem.Failed, "the reasons are in the table", "reading the environments: none could be read")
	}
	return nil
}

// prepareStatus finds the environments and gives the session a plan that says no more than what there is.
func (l *lookout) prepareStatus(ctx context.Context) ([]*config.Environment, error) {
	root, err := source.Root(cmp.Or(l.process.Dir, "."), config.FileName)
	if err != nil {
		return nil, err
	}
	if l.cfg, err = config.Load(filepath.Join(root, config.FileName)); err != nil {
		return nil, err
	}
	if l.commit, err = l.head(ctx, root); err != nil {
		return nil, err
	}
	environments, err := l.environments()
	if err != nil {
		return nil, err
	}
	l.plan = &plan.Plan{Service: l.cfg.Service, Formerly: l.cfg.Formerly, Commit: l.commit}
	for _, c := range l.cfg.Components {
		l.plan.Images = append(l.plan.Images, plan.Image{Component: c.Name, Repository: c.Image})
	}
	l.status = status.Status{Service: l.cfg.Service, Application: l.commit.Repository, Generated: time.Now().UTC().Truncate(time.Second)}
	return environments, nil
}

// environments are those named, separated by commas, or all.
func (l *lookout) environments() ([]*config.Environment, error) {
	var chosen []*config.Environment
	for name := range strings.SplitSeq(l.options.Environment, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		environment, err := l.cfg.Environment(name, "")
		if err != nil {
			return nil, err
		}
		if !slices.Contains(chosen, environment) {
			chosen = append(chosen, environment)
		}
	}
	if len(chosen) == 0 {
		for i := range l.cfg.Environments {
			chosen = append(chosen, &l.cfg.Environments[i])
		}
	}
	if len(chosen) == 0 {
		return nil, problem.New(problem.Usage, "add one to `environments`", "reading the environments: %s has none", config.FileName)
	}
	return chosen, nil
}

// application is the application's name in trailers.
func (l *lookout) application() string { return cmp.Or(l.commit.Repository, l.cfg.Service) }

// print writes the result for who called: a table, or JSON.
func (l *lookout) print() error {
	if l.options.JSON {
		return l.printDocument(func(w io.Writer) error { return report.StatusJSON(w, l.status) })
	}
	stdout := l.redact.Writer(l.process.Stdout)
	report.NewConsole(stdout, look(l.vars, l.process.Stdout)).Status(l.status)
	return stdout.Flush()
}

// writePage replaces the file in one step: a wall may be reading it.
func (l *lookout) writePage() error {
	path := l.options.HTML
	if path == "" {
		return nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(l.process.Dir, path)
	}
	write := l.withoutSecrets(func(w io.Writer) error { return page.Write(w, l.status) })
	err := output.ReplaceFile(path, write)
	if err != nil {
		return problem.New(problem.Usage, "name a file in a directory that can be written to", "writing %s: %w", path, err)
	}
	return nil
}
