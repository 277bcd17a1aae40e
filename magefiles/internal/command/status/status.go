// Package status is `mage status`: it shows what is deployed where. It changes nothing, and neither the commit that is checked out nor
// a changed tree matters. What cannot be read is shown as such; the command fails where nothing could be read at all.
package status

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/page"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// Options are the flags of `mage status`.
type Options struct {
	cli.Flags        // Environment may name several, separated by commas; empty: all
	HTML      string // -html: file that the page is written to, empty: none
}

// Run shows the status.
func Run(ctx context.Context, p cli.Process, o Options) error {
	c := cli.Command{Name: report.CommandStatus, PrintsItself: true, ReadOnly: true, Quiet: true}
	return cli.Run(ctx, p, c, o.Flags, func(ctx context.Context, env *cli.Env) error {
		sc := &statusCollector{env: env}
		environments, err := sc.findEnvironments(ctx)
		if err != nil {
			return err
		}
		if err := sc.collect(ctx, environments); err != nil {
			return err
		}
		if err := writePage(env, o.HTML, sc.status); err != nil {
			return err
		}
		if err := printStatus(env, sc.status); err != nil {
			return err
		}
		inSummary := func(w io.Writer) error { return summary.WriteStatus(w, sc.status) }
		if err := env.AppendTo(vars.StepSummary, inSummary); err != nil {
			return err
		}
		if !sc.status.Known() {
			return problem.New(problem.Failed, "the reasons are in the table", "reading the environments: none could be read")
		}
		return nil
	})
}

// findEnvironments finds the environments and sets a plan that says no more than what there is.
func (sc *statusCollector) findEnvironments(ctx context.Context) ([]*config.Environment, error) {
	if err := sc.env.FindConfig(); err != nil {
		return nil, err
	}
	if err := sc.env.ReadHead(ctx); err != nil {
		return nil, err
	}
	project := sc.env.Project
	environments, err := chooseEnvironments(project.Config, sc.env.Flags.Environment)
	if err != nil {
		return nil, err
	}
	project.Plan = &plan.Plan{Service: project.Config.Service, Formerly: project.Config.Formerly, Commit: project.Commit}
	for _, c := range project.Config.Components {
		project.Plan.Images = append(project.Plan.Images, plan.Image{Component: c.Name, Repository: c.Image})
	}
	sc.status = status.Status{
		Service: project.Config.Service, Application: project.Commit.Repository, Generated: time.Now().UTC().Truncate(time.Second),
	}
	return environments, nil
}

// chooseEnvironments returns those that are named, separated by commas, or all.
func chooseEnvironments(c *config.Config, names string) ([]*config.Environment, error) {
	var chosen []*config.Environment
	for name := range strings.SplitSeq(names, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		environment, err := c.Environment(name, "")
		if err != nil {
			return nil, err
		}
		if !slices.Contains(chosen, environment) {
			chosen = append(chosen, environment)
		}
	}
	if len(chosen) == 0 {
		for i := range c.Environments {
			chosen = append(chosen, &c.Environments[i])
		}
	}
	if len(chosen) == 0 {
		return nil, problem.New(problem.Usage, "add one to `environments`", "reading the environments: %s has none", config.FileName)
	}
	return chosen, nil
}

// printStatus writes the result to standard output: a table, or JSON.
func printStatus(env *cli.Env, s status.Status) error {
	if env.Flags.JSON {
		return env.PrintDocument(func(w io.Writer) error { return report.StatusJSON(w, s) })
	}
	return env.PrintConsole(func(c *console.Console) { c.Status(s) })
}

// writePage replaces the file in one step: a wall may be reading it.
func writePage(env *cli.Env, path string, s status.Status) error {
	if path == "" {
		return nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(env.Process.Dir, path)
	}
	err := output.ReplaceFile(path, env.WithoutSecrets(func(w io.Writer) error { return page.WriteStatus(w, s) }))
	if err != nil {
		return problem.New(problem.Usage, "name a file in a directory that can be written to", "writing %s: %w", path, err)
	}
	return nil
}
