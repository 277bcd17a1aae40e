package bare

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Person is the author or committer of a commit, with the time.
type Person struct {
	Name  string
	Email string
	When  time.Time
}

// Commit is a commit object. OID is filled in by reading, and ignored by writing.
type Commit struct {
	OID       string
	Tree      string
	Parents   []string
	Author    Person
	Committer Person
	Message   string // exactly as stored; a final line feed is neither added nor removed
}

// Commit reads the commit that a revision names, through annotated tags.
func (r *Repository) Commit(rev string) (Commit, error) {
	o, err := typedObject(r, rev, CommitType)
	if err != nil {
		return Commit{}, err
	}
	c := Commit{OID: o.OID}
	header, message, _ := strings.Cut(string(o.Data), "\n\n")
	c.Message = message
	for line := range strings.Lines(header) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "tree":
			c.Tree = value
		case "parent":
			c.Parents = append(c.Parents, value)
		case "author":
			c.Author = parsePerson(value)
		case "committer":
			c.Committer = parsePerson(value)
		}
	}
	return c, nil
}

// WriteCommit stores a commit and gives its id. Nothing points to it until Move does.
func (r *Repository) WriteCommit(ctx context.Context, c Commit) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.Tree)
	for _, parent := range c.Parents {
		fmt.Fprintf(&b, "parent %s\n", parent)
	}
	fmt.Fprintf(&b, "author %s\ncommitter %s\n\n%s", c.Author, c.Committer, c.Message)
	return writeObject(ctx, r, CommitType, []byte(b.String()))
}

// String is git's form of a person in a commit header: name <email> seconds zone.
func (p Person) String() string {
	clean := strings.NewReplacer("\n", " ", "<", "", ">", "")
	return fmt.Sprintf("%s <%s> %d %s", clean.Replace(p.Name), clean.Replace(p.Email), p.When.Unix(), p.When.Format("-0700"))
}

func parsePerson(text string) Person {
	name, rest, _ := strings.Cut(text, " <")
	email, stamp, _ := strings.Cut(rest, "> ")
	seconds, zone, _ := strings.Cut(stamp, " ")
	unix, _ := strconv.ParseInt(seconds, 10, 64)
	when := time.Unix(unix, 0).UTC()
	if offset, err := time.Parse("-0700", zone); err == nil {
		when = when.In(offset.Location())
	}
	return Person{Name: name, Email: email, When: when}
}
