// Package access finds out what a token may do in a deployment repository, and what the rules of its branch ask for. It writes
// nothing.
package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Checker asks each repository with its own token.
type Checker struct {
	clients  *github.Clients
	deadline repo.Deadline
}

// NewChecker returns a Checker.
func NewChecker(clients *github.Clients, deadline repo.Deadline) Checker {
	return Checker{clients: clients, deadline: deadline}
}

// ProveWrite is a Problem when DEPLOY_TOKEN may not write what d asks for, and writes nothing: GitHub looks at a token's
// permission first and at the request after, so it is asked for what cannot be: a reference to an object that there is
// not, and a pull request of a branch to itself. A fine-grained token tells of its permissions in no other way.
func (c Checker) ProveWrite(ctx context.Context, d plan.Deployment) error {
	ctx, cancel := c.deadline.Limit(ctx)
	defer cancel()
	client := c.clients.For(d.Repository)
	reference := map[string]string{"ref": "refs/heads/astrago/doctor", "sha": string(commitid.Null)}
	err := client.Probe(ctx, reference, "repos", d.Repository, "git", "refs")
	if err == nil && d.PullRequest != nil {
		err = client.Probe(ctx, map[string]string{"title": "doctor", "head": d.Branch, "base": d.Branch}, "repos", d.Repository, "pulls")
	}
	if err != nil {
		return c.deadline.Explain(ctx, d, diagnosis.Explain(err, d, "checking the right to write to"))
	}
	return nil
}

// TokenExpiry returns when the token expires, the zero time where GitHub does not say.
func (c Checker) TokenExpiry(ctx context.Context, d plan.Deployment) (time.Time, error) {
	ctx, cancel := c.deadline.Limit(ctx)
	defer cancel()
	at, err := c.clients.For(d.Repository).TokenExpiry(ctx, d.Repository)
	if err != nil {
		return at, c.deadline.Explain(ctx, d, diagnosis.Explain(err, d, "asking when the token expires for"))
	}
	return at, nil
}

// branchRules are the rules of a branch that GitHub shows to everyone.
type branchRules struct {
	archived bool
	pushes   bool     // classic protection lets the token's owner push
	reviews  int      // approvals that classic protection wants before a change is on the branch
	blocking []string // rules of rulesets that refuse a direct commit, such as "pull_request of reviewed-only"
	unknown  []string // the same, of rulesets that do not list their bypasses
}

// CheckRules is a Problem when the branch surely refuses what d asks for. notice says what may refuse it: not every rule
// lists its bypasses.
func (c Checker) CheckRules(ctx context.Context, d plan.Deployment) (notice string, err error) {
	ctx, cancel := c.deadline.Limit(ctx)
	defer cancel()
	found, err := c.readRules(ctx, d)
	if err != nil {
		return "", c.deadline.Explain(ctx, d, diagnosis.Explain(err, d, "reading the rules of"))
	}
	what, by := fmt.Sprintf("reading the rules of %s@%s", d.Repository, d.Branch), c.clients.For(d.Repository).Identity()
	switch {
	case found.archived:
		return "", problem.New(problem.Refused, "unarchive it, or name another repository: deploy.repository in astrago.yaml",
			"%s: the repository is archived, so that nothing can be written", what)
	case d.PullRequest != nil:
		return "", nil
	case !found.pushes:
		return "", diagnosis.Protected(errors.New("branch protection does not let "+diagnosis.Owner(by)+" push"), d, by, what)
	case len(found.blocking) > 0:
		return "", diagnosis.Protected(errors.New(strings.Join(found.blocking, ", ")), d, by, what)
	case len(found.unknown) > 0:
		return "rules may refuse a direct commit, and do not tell who may bypass them: " + strings.Join(found.unknown, ", "), nil
	case found.reviews > 0:
		return fmt.Sprintf("branch protection wants %d approvals; only who may bypass it commits directly", found.reviews), nil
	}
	return "", nil
}

func (c Checker) readRules(ctx context.Context, d plan.Deployment) (branchRules, error) {
	found, err := c.readProtection(ctx, d)
	if err != nil {
		return found, err
	}
	err = c.addRulesets(ctx, d, &found)
	return found, err
}

// readProtection reads the classic branch protection.
func (c Checker) readProtection(ctx context.Context, d plan.Deployment) (branchRules, error) {
	const document = `query Protection($owner: String!, $name: String!, $ref: String!) {
  repository(owner: $owner, name: $name) {
    isArchived
    ref(qualifiedName: $ref) { refUpdateRule { viewerCanPush requiredApprovingReviewCount } }
  }
}`
	owner, name := github.SplitRepository(d.Repository)
	var answer struct {
		Repository struct {
			IsArchived bool `json:"isArchived"`
			Ref        *struct {
				RefUpdateRule *struct {
					ViewerCanPush                bool `json:"viewerCanPush"`
					RequiredApprovingReviewCount int  `json:"requiredApprovingReviewCount"`
				} `json:"refUpdateRule"`
			} `json:"ref"`
		} `json:"repository"`
	}
	variables := map[string]any{"owner": owner, "name": name, "ref": "refs/heads/" + d.Branch}
	err := c.clients.For(d.Repository).Query(ctx, document, variables, &answer)
	found := branchRules{archived: answer.Repository.IsArchived, pushes: true}
	if ref := answer.Repository.Ref; ref != nil && ref.RefUpdateRule != nil {
		found.pushes, found.reviews = ref.RefUpdateRule.ViewerCanPush, ref.RefUpdateRule.RequiredApprovingReviewCount
	}
	return found, err
}
