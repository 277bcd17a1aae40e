package github

import (
	"fmt"
)

// Review records that a user has reviewed a pull request at its current head; the review is no longer requested then.
func (s *Server) Review(repository string, number int, login string) error {
	r, ok := s.find(repository)
	if !ok {
		return fmt.Errorf("reviewing: no repository %q", repository)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if number < 1 || number > len(r.pulls) {
		return fmt.Errorf("reviewing: no pull request %d in %q", number, repository)
	}
	p := r.pulls[number-1]
	if err := r.refresh(p, s.options.Now()); err != nil {
		return err
	}
	p.reviews = append(p.reviews, review{login: login, commit: p.headSHA})
	var left []string
	for _, name := range p.reviewers {
		if name != login {
			left = append(left, name)
		}
	}
	p.reviewers = left
	return nil
}

// review is one that was given.
type review struct{ login, commit string }

func listReviews(c *call) (reply, error) {
	p, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	number := 0
	return paged(c, p.reviews, func(r review) (object, error) {
		number++
		self, html := c.api("/pulls/%d", p.number), c.web("/pull/%d", p.number)
		return object{
			"id": number, "node_id": fmt.Sprintf("PRR_%d", number), "user": userJSON(c, r.login, "User"), "body": "",
			"state": "COMMENTED", "html_url": html, "pull_request_url": self, "commit_id": r.commit,
			"submitted_at": stamp(p.updated), "author_association": "MEMBER",
			"_links": object{"html": object{"href": html}, "pull_request": object{"href": self}},
		}, nil
	})
}
