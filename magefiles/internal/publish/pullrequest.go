package publish

import (
	"context"
	"fmt"
	"slices"
	"strings"

	gogithub "github.com/google/go-github/v62/github"
)

func (m submoduleUpdate) title() string { return m.consumer.Path + ": astrago-ci " + m.release.tag }

// body lists what lies between. A commit of today that is of no branch of this repository has none.
func (m submoduleUpdate) body(ctx context.Context) string {
	text := fmt.Sprintf("Moves the submodule `%s` to [%s](https://github.com/%s/releases/tag/%s).\n\n", m.consumer.Path, m.release.tag,
		m.Repository, m.release.tag)
	listed, err := listChanges(ctx, m.Dir, string(m.from+".."+m.release.known))
	if err != nil {
		return text + fmt.Sprintf("The submodule is at %s, which this repository does not have: look at what it was for.\n", m.from)
	}
	return text + fmt.Sprintf("[Changes](https://github.com/%s/compare/%s...%s) since %s:\n\n%s", m.Repository, m.from, m.release.tag,
		m.from.Short(), listed) +
		"\nThe checks of this pull request show whether `astrago.yaml` is read as before: see its plan. A later version replaces this " +
		"one here.\n"
}

// addLabels adds the labels that are missing.
func (m submoduleUpdate) addLabels(ctx context.Context, pull *gogithub.PullRequest) error {
	labels := slices.DeleteFunc(slices.Clone(m.consumer.Labels), func(want string) bool {
		return slices.ContainsFunc(pull.Labels, func(l *gogithub.Label) bool { return l.GetName() == want })
	})
	if len(labels) == 0 {
		return nil
	}
	owner, name := m.ownerAndName()
	_, _, err := m.Others.Issues.AddLabelsToIssue(ctx, owner, name, pull.GetNumber(), labels)
	return err
}

// requestReviews asks for reviews where none is requested; reviewers of an earlier version are asked again.
func (m submoduleUpdate) requestReviews(ctx context.Context, pull *gogithub.PullRequest) error {
	var people, teams []string
	for _, who := range m.consumer.Reviewers {
		if _, team, ok := strings.Cut(who, "/"); ok {
			teams = append(teams, team)
		} else {
			people = append(people, who)
		}
	}
	asked := len(pull.RequestedReviewers)+len(pull.RequestedTeams) > 0
	if asked || len(people)+len(teams) == 0 {
		return nil
	}
	owner, name := m.ownerAndName()
	_, _, err := m.Others.PullRequests.RequestReviewers(ctx, owner, name, pull.GetNumber(), gogithub.ReviewersRequest{
		Reviewers:     people,
		TeamReviewers: teams,
	})
	return err
}
