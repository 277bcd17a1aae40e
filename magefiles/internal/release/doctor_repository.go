package release

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// oldSubmodule is an age of the targets at which it is worth to look for newer ones.
const oldSubmodule = 180 * 24 * time.Hour

// checkout is the commit that a release from here is of.
func (e *examination) checkout(context.Context) doctor.Finding {
	if e.commitErr != nil {
		return failed(e.commitErr)
	}
	place := "on branch " + e.commit.Branch
	if e.commit.Branch == "" {
		place = "detached, on no branch"
	}
	if n := len(e.commit.Dirty); n > 0 {
		return warned("commit or stash them, or add them to .gitignore", "%s %s, with %s: `build` works, push, bump and release refuse",
			e.commit.ShortSHA(), place, count(n, "changed file"))
	}
	return fine("%s %s", e.commit.ShortSHA(), place)
}

// submodule is that of the targets themselves.
func (e *examination) submodule(ctx context.Context) doctor.Finding {
	if e.rootErr != nil {
		return skipped("needs " + config.FileName)
	}
	path := e.submodulePath()
	if path == "." {
		return skipped("this is astrago-ci itself")
	}
	s, err := source.ReadSubmodule(ctx, e.root, path)
	update := "git submodule update --init " + path
	switch {
	case errors.Is(err, source.ErrNoSubmodule):
		return skipped(path + " is no submodule of this repository")
	case err != nil:
		return failed(err)
	case s.Head.SHA == "":
		return doctor.Finding{Status: doctor.Fail, Text: path + " is not checked out", Remedy: update}
	case s.Head.SHA != s.Recorded:
		return warned(update+"\nor keep it: git add "+path, "%s is at %s, this repository names %.8s", path, s.Head.ShortSHA(), s.Recorded)
	case s.Dirty:
		return warned("git -C "+path+" status", "%s is changed: others do not have the same targets", path)
	}
	return about(s)
}

// about tells of a submodule that is as it should be how old it is, as far as is known without a network.
func about(s source.Submodule) doctor.Finding {
	age := time.Since(s.Head.Time)
	text := fmt.Sprintf("%s at %s of %s", s.Path, s.Head.ShortSHA(), s.Head.Time.Format(time.DateOnly))
	if s.Behind > 0 {
		text += fmt.Sprintf(", %s behind %s at the last fetch", count(s.Behind, "commit"), s.Upstream)
	}
	update := "./" + s.Path + "/scripts/mage update, which also moves the version that the workflows call"
	switch {
	case s.Newer:
		return warned(update, "%s; %s is out", text, s.Latest)
	case age > oldSubmodule:
		return warned("look for a newer one: "+update, "%s, %d months ago", text, int(age.Hours()/24/30))
	}
	return fine("%s", text)
}

// submodulePath is where the sources of these targets are in the repository, or where they are expected.
func (e *examination) submodulePath() string {
	dir, err := filepath.EvalSymlinks(astragoci.SourceDir())
	root, rootErr := filepath.EvalSymlinks(e.root)
	if err != nil || rootErr != nil {
		return "ci"
	}
	path, err := filepath.Rel(root, dir)
	if err != nil || !filepath.IsLocal(path) {
		return "ci"
	}
	return filepath.ToSlash(path)
}

// configuration checks astrago.yaml, in which Load itself finds what is still to be filled in.
func (e *examination) configuration(context.Context) doctor.Finding {
	switch {
	case e.rootErr != nil:
		return doctor.Finding{Status: doctor.Fail, Text: "there is no " + config.FileName + " here", Remedy: "write one: ./ci/scripts/mage init"}
	case e.configErr != nil:
		return e.failedHere(e.configErr)
	}
	for _, environment := range e.config.Environments {
		for _, target := range environment.Deploy {
			if strings.HasPrefix(target.Repository, "OWNER/") { // as the examples in templates/ have it
				return doctor.Finding{
					Status: doctor.Fail, Text: fmt.Sprintf("%s:%d: %s is nobody's repository", config.FileName, target.Line, target.Repository),
					Remedy: "write the deployment repository, owner/name",
				}
			}
		}
	}
	return fine("%s: %s, %s", config.FileName, count(len(e.config.Components), "component"), count(len(e.config.Environments), "environment"))
}

// environment is the one that this branch, or -env, leads to.
func (e *examination) environment(context.Context) doctor.Finding {
	switch {
	case e.planErr != nil:
		return e.failedHere(e.planErr)
	case e.plan == nil:
		return skipped("needs " + config.FileName + " and a commit")
	case e.options.Environment != "":
		return fine("%s, by -env", e.plan.Environment)
	}
	return fine("%s, by branch %s", e.plan.Environment, e.commit.Branch)
}
