package deployment_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract"
)

// BenchmarkRace is 20 writers with 5 bumps each: through this package, and for comparison as others do it, each writer
// repeating GET and PUT of the contents interface at once until the PUT succeeds.
func BenchmarkRace(b *testing.B) {
	for _, test := range []struct {
		name string
		race race
	}{
		{"goroutines-graphql", race{API: config.APIGraphQL, Writers: 20, Bumps: 5}},
		{"processes-graphql", race{API: config.APIGraphQL, Writers: 20, Bumps: 5, Processes: 8}},
		{"goroutines-rest", race{API: config.APIREST, Writers: 20, Bumps: 5}},
	} {
		b.Run(test.name, func(b *testing.B) {
			var attempts, commits int
			for b.Loop() {
				a, c := test.race.run(b)
				attempts, commits = attempts+a, commits+c
			}
			b.ReportMetric(float64(attempts)/float64(commits), "attempts/success")
		})
	}
	b.Run("contents-on-emulate", func(b *testing.B) {
		var attempts, commits int
		for b.Loop() {
			a, c := contentsRace(b, race{Writers: 20, Bumps: 5})
			attempts, commits = attempts+a, commits+c
		}
		b.ReportMetric(float64(attempts)/float64(commits), "attempts/success")
	})
}

// contentsRace runs a race through PUT contents on emulate.
func contentsRace(b *testing.B, r race) (attempts, commits int) {
	b.Helper()
	server := contract.StartEmulate(b)
	repository, err := server.CreateRepository(b.Context(), branch, map[string][]byte{shopFile: r.file()})
	if err != nil {
		b.Fatal(err)
	}
	var puts, done atomic.Int64
	var group sync.WaitGroup
	for n := range r.Writers {
		client := gogithub.NewClient(nil).WithAuthToken(server.Tokens[n])
		if client.BaseURL, err = url.Parse(server.URL + "/"); err != nil {
			b.Fatal(err)
		}
		group.Go(func() {
			for i := range r.Bumps {
				tried, err := putUntilTaken(b.Context(), client, repository, r.key(n), 1+i*r.Writers+n)
				puts.Add(int64(tried))
				if err != nil {
					b.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	return int(puts.Load()), int(done.Load())
}

// putUntilTaken sets one key by the contents interface's compare-and-swap, which is on the file.
func putUntilTaken(ctx context.Context, client *gogithub.Client, repository, key string, build int) (tried int, err error) {
	owner, name, _ := strings.Cut(repository, "/")
	line := regexp.MustCompile(`(?m)^(  ` + key + `:\n    imageTag: ).*$`)
	message := fmt.Sprintf("build %d", build)
	for {
		file, _, _, err := client.Repositories.GetContents(ctx, owner, name, shopFile, &gogithub.RepositoryContentGetOptions{Ref: branch})
		if err != nil {
			return tried, err
		}
		text, err := file.GetContent()
		if err != nil {
			return tried, err
		}
		tried++
		_, _, err = client.Repositories.UpdateFile(ctx, owner, name, shopFile, &gogithub.RepositoryContentFileOptions{
			Message: &message, SHA: file.SHA, Branch: gogithub.String(branch),
			Content: line.ReplaceAll([]byte(text), fmt.Appendf(nil, "${1}%s-stage-%08x", key, build)),
		})
		refusal, refused := errors.AsType[*gogithub.ErrorResponse](err)
		if refused && refusal.Response.StatusCode == http.StatusConflict {
			continue
		}
		return tried, err
	}
}
