package notes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// Words are the texts of notes in one language. The zero value is English.
type Words struct{ korean bool }

// WordsIn returns the texts in a language: "ko", or else English.
func WordsIn(language string) Words { return Words{korean: language == "ko"} }

func (w Words) either(english, korean string) string {
	if w.korean {
		return korean
	}
	return english
}

// Heading stands above the notes.
func (w Words) Heading() string { return w.either("What it brings", "반영되는 변경") }

// TakesBack stands above the changes that are taken back.
func (w Words) TakesBack() string { return w.either("Takes back", "되돌려지는 변경") }

// Nothing says that there is nothing to tell.
func (w Words) Nothing() string { return w.either("no commits to tell of", "알릴 커밋 없음") }

// Category names a category.
func (w Words) Category(c Category) string {
	names := map[Category][2]string{
		Breaking: {"Breaking changes", "호환되지 않는 변경"}, Features: {"Features", "새 기능"}, Fixes: {"Fixes", "수정"},
		Performance: {"Performance", "성능"}, Reverts: {"Reverts", "되돌린 커밋"}, Documentation: {"Documentation", "문서"},
		Maintenance: {"Maintenance", "유지 보수"},
	}
	name, known := names[c]
	if !known {
		name = [2]string{"Other changes", "그 밖의 변경"}
	}
	return w.either(name[0], name[1])
}

// Count says how many commits a range brings and takes back, or why that is not known. The reason is text of others.
func (w Words) Count(r Range) string {
	brings, back := r.Brings.Commits, r.TakesBack.Commits
	switch r.Relation {
	case Ahead:
		return w.either("brings "+commits(brings), fmt.Sprintf("커밋 %d개 반영", brings))
	case Behind:
		return w.either("takes back "+commits(back), fmt.Sprintf("커밋 %d개 되돌림", back))
	case Diverged:
		return w.either(fmt.Sprintf("brings %s and takes back %s: it is on another line of history", commits(brings), commits(back)),
			fmt.Sprintf("갈라진 이력: 커밋 %d개 반영, %d개 되돌림", brings, back))
	case Identical:
		return w.either("the same commit", "같은 커밋")
	}
	reason := r.Reason
	if reason == "" {
		reason = w.either("nothing tells", "알려 주는 것이 없음")
	}
	return w.either("unknown: ", "알 수 없음: ") + reason
}

// Omitted says how many commits were not read, "" where all were.
func (w Words) Omitted(s Side) string {
	if s.Omitted == 0 {
		return ""
	}
	return w.either("and "+commits(s.Omitted)+" before", fmt.Sprintf("이전 커밋 %d개 더", s.Omitted))
}

// More says how many changes are not shown.
func (w Words) More(n int) string {
	return w.either(fmt.Sprintf("and %d more", n), fmt.Sprintf("외 %d건", n))
}

func commits(n int) string {
	if n == 1 {
		return "1 commit"
	}
	return fmt.Sprintf("%d commits", n)
}

// Names are the components of the range, for people.
func (r Range) Names() string { return component.Join(r.Components, ", ") }

// Span names both commits, as git does.
func (r Range) Span() string {
	ids := slices.DeleteFunc([]string{r.Base.Short(), r.Head.Short()}, func(id string) bool { return id == "" })
	return strings.Join(ids, "..")
}

// Name is the number of the pull request, or the commit.
func (c Change) Name() string {
	if c.PullRequest != nil {
		return fmt.Sprintf("#%d", c.PullRequest.Number)
	}
	return c.Commit.Short()
}

// Page is that of the pull request, or of the commit.
func (c Change) Page() string {
	if c.PullRequest != nil {
		return c.PullRequest.URL
	}
	return c.URL
}
