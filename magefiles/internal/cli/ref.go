package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// workflowRef returns the branch or the tag that the workflow runs for. A short name alone does not tell which of them it is, and a
// pull request's is neither.
func workflowRef(v vars.Vars) (branch, tag string) {
	ref, name := v.Get(vars.Ref), v.Get(vars.RefName)
	if short, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		return short, ""
	}
	if short, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
		return "", short
	}
	switch {
	case ref != "":
		return "", ""
	case v.Get(vars.RefType) == "tag":
		return "", name
	}
	return name, ""
}

func refOf(commit git.Commit) config.Ref {
	return config.Ref{Branch: commit.Branch, Tag: commit.Tag}
}

// requireRef holds -env to what the environment says of branches and tags. Any workflow with write access can name an
// environment, so there it is refused; on a laptop, whose owner has the token in hand, it is said, here and in the commit.
func (op opener) requireRef() error {
	env := op.env
	builds := env.Command.DeploysCommit
	if env.Flags.Environment == "" || !builds && !env.Command.Redeploys {
		return nil
	}
	c, environment, ref := env.Project.Config, env.Project.Environment, refOf(env.Project.Commit)
	admitted, known := c.Admits(environment, ref)
	if builds && !environment.NamesRefs() { // what it is promoted from builds for it
		admitted, known = false, environment.From != ""
	}
	workflow := env.InWorkflow()
	switch {
	case admitted, !known && !(workflow && builds), !workflow && !environment.NamesRefs():
		return nil
	case workflow:
		return problem.New(problem.Refused, refRemedy(environment, builds),
			"refusing -env=%s: this workflow runs for %s, and the environment does not take that", environment.Name, ref).
			At(c.Place(environment.Line, environment.Column))
	}
	env.Project.OffRef = fmt.Sprintf("%s, which %s does not take", ref, environment.Name)
	env.Console.Warn(fmt.Sprintf("deploying to %s from %s, which its `branches` and `tags` do not name; the commit records it "+
		"(Astrago-Ref)", environment.Name, ref))
	return nil
}

func refRemedy(environment *config.Environment, builds bool) string {
	takes := slices.Concat(environment.Branches, environment.Tags)
	switch {
	case len(takes) > 0:
		return "run it for one that it takes: " + strings.Join(takes, ", ") + "\nor add this one to `branches` or `tags` of the environment"
	case builds && environment.From != "":
		return "promote what " + environment.From + " has: mage promote -env=" + environment.Name
	case builds:
		return "say which branches or tags deploy there, by `branches` or `tags` of the environment"
	}
	return "run it for a branch or tag that deploys to " + environment.From
}
