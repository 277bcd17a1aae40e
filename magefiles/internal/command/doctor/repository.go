package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// oldSubmodule is an age of the targets at which it is worth to look for newer ones.
const oldSubmodule = 180 * 24 * time.Hour

// checkCommit is the commit that a release from here is of.
func (d *doctorRun) checkCommit(context.Context) doctor.Finding {
	if d.commitErr != nil {
		return failFinding(d.commitErr)
	}
	place := "on branch " + d.env.Project.Commit.Branch
	if d.env.Project.Commit.Branch == "" {
		place = "detached, on no branch"
	}
	if n := len(d.env.Project.Commit.Dirty); n > 0 {
		return warnFinding("commit or stash them, or add them to .gitignore",
			"%s %s, with %s: `build` works, push, bump and release refuse",
			d.env.Project.Commit.SHA.Short(), place, report.Plural(n, "changed file"))
	}
	return okFinding("%s %s", d.env.Project.Commit.SHA.Short(), place)
}

// checkSubmodule is that of the targets themselves.
func (d *doctorRun) checkSubmodule(ctx context.Context) doctor.Finding {
	if d.rootErr != nil {
		return skipFinding("needs " + config.FileName)
	}
	path := cli.SubmodulePath(d.env.Vars, d.env.Project.Root)
	if path == "." {
		return skipFinding("this is astrago-ci itself")
	}
	s, err := git.ReadSubmodule(ctx, d.env.Project.Root, path)
	update := "git submodule update --init " + path
	switch {
	case errors.Is(err, git.ErrNoSubmodule):
		return skipFinding(path + " is not a submodule of this repository")
	case err != nil:
		return failFinding(err)
	case s.Head.SHA == "":
		return doctor.Finding{Status: doctor.Fail, Text: path + " is not checked out", Remedy: update}
	case s.Head.SHA != s.Recorded:
		return warnFinding(update+"\nor keep it: git add "+path,
			"%s is at %s, this repository names %s", path, s.Head.SHA.Short(), s.Recorded.Short())
	case s.Dirty:
		return warnFinding("git -C "+path+" status", "%s is changed: others do not have the same targets", path)
	}
	return submoduleFinding(s)
}

// submoduleFinding tells of a submodule that is as it should be how old it is, as far as is known without a network.
func submoduleFinding(s git.Submodule) doctor.Finding {
	age := time.Since(s.Head.Time)
	text := fmt.Sprintf("%s at %s of %s", s.Path, s.Head.SHA.Short(), s.Head.Time.Format(time.DateOnly))
	if s.Behind > 0 {
		text += fmt.Sprintf(", %s behind %s at the last fetch", report.Plural(s.Behind, "commit"), s.Upstream)
	}
	update := "./" + s.Path + "/scripts/mage update, which also moves the version that the workflows call"
	switch {
	case s.Newer:
		return warnFinding(update, "%s; %s is out", text, s.Latest)
	case age > oldSubmodule:
		return warnFinding("look for a newer one: "+update, "%s, %d months ago", text, int(age.Hours()/24/30))
	}
	return okFinding("%s", text)
}

// checkConfig checks astrago.yaml, in which Load itself finds what is still to be filled in.
func (d *doctorRun) checkConfig(context.Context) doctor.Finding {
	switch {
	case d.rootErr != nil:
		return doctor.Finding{
			Status: doctor.Fail, Text: "there is no " + config.FileName + " here", Remedy: "write one: " + scriptCommand(d, "init"),
		}
	case d.configErr != nil:
		return d.failedHere(d.configErr)
	}
	for _, environment := range d.env.Project.Config.Environments {
		for _, target := range environment.Deploy {
			if strings.HasPrefix(target.Repository, "OWNER/") { // as the examples in templates/ have it
				return doctor.Finding{
					Status: doctor.Fail, Text: fmt.Sprintf("%s:%d: %s is a placeholder", config.FileName, target.Line,
						target.Repository),
					Remedy: "write the deployment repository, owner/name",
				}
			}
		}
	}
	return okFinding("%s: %s, %s", config.FileName, report.Plural(len(d.env.Project.Config.Components),
		"component"), report.Plural(len(d.env.Project.Config.Environments), "environment"))
}

// checkOperate looks for the workflow by which people operate, and whether GitHub shows its button.
func (d *doctorRun) checkOperate(ctx context.Context) doctor.Finding {
	file := d.env.Project.FindOperateWorkflow()
	if file == "" {
		return skipFinding("there is no workflow to roll back with from GitHub: mage init writes it")
	}
	branch, err := git.DefaultBranch(ctx, d.env.Project.Root)
	has := err == nil && branch != ""
	if has {
		has, err = git.OnBranch(ctx, d.env.Project.Root, branch, file)
	}
	switch {
	case err != nil:
		return failFinding(err)
	case branch == "":
		return okFinding("%s; GitHub shows its button once it is on the default branch", file)
	case !has:
		return warnFinding("bring it to "+branch+", or fetch if it is there: git fetch origin",
			"%s is not on the default branch %s as of the last fetch: GitHub shows no button to run it", file, branch)
	}
	return okFinding("%s", file)
}

// checkEnvironment is the one that this branch, or -env, leads to.
func (d *doctorRun) checkEnvironment(context.Context) doctor.Finding {
	switch {
	case d.planErr != nil:
		return d.failedHere(d.planErr)
	case d.env.Project.Plan == nil:
		return skipFinding("needs " + config.FileName + " and a commit")
	case d.env.Flags.Environment != "":
		return okFinding("%s, by -env", d.env.Project.Plan.Environment)
	}
	return okFinding("%s, by branch %s", d.env.Project.Plan.Environment, d.env.Project.Commit.Branch)
}
