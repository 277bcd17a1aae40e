package gitops_test

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
	"time"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract"
)

// BenchmarkRace is 20 writers with 5 bumps each: through this package, and for comparison as others do it, each writer
// repeating GET and PUT of the contents interface at once until the PUT succeeds.
func BenchmarkRace(b *testing.B) {
	for _, test := range []struct {
		name string
		race func(testing.TB) figures
	}{
		{"goroutines-graphql", racing(race{API: config.APIGraphQL, Writers: 20, Bumps: 5})},
		{"goroutines-graphql-own-keys", racing(race{API: config.APIGraphQL, Writers: 20, Bumps: 5, OwnKeys: true})},
		{"processes-graphql", racing(race{API: config.APIGraphQL, Writers: 20, Bumps: 5, Processes: 8})},
		{"goroutines-rest", racing(race{API: config.APIREST, Writers: 20, Bumps: 5})},
		{"contents-on-emulate", contentsRace},
	} {
		b.Run(test.name, func(b *testing.B) {
			var sum figures
			for b.Loop() {
				f := test.race(b)
				sum.attempts, sum.commits, sum.took = sum.attempts+f.attempts, sum.commits+f.commits, sum.took+f.took
			}
			b.ReportMetric(sum.perCommit(), "attempts/success")
			b.ReportMetric(float64(sum.took.Milliseconds())/float64(b.N), "ms/race")
			b.ReportMetric(0, "ns/op") // it would count the set-up and the proof that nothing is lost
		})
	}
}

func racing(r race) func(testing.TB) figures { return r.run }

// contentsRace runs a race through PUT contents on emulate.
func contentsRace(b testing.TB) figures {
	b.Helper()
	r := race{Writers: 20, Bumps: 5}
	server := contract.StartEmulate(b)
	repository, err := server.CreateRepository(b.Context(), branch, map[string][]byte{shopFile: r.file()})
	if err != nil {
		b.Fatal(err)
	}
	var puts, done atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for n := range r.Writers {
		connection := &http.Transport{}
		b.Cleanup(connection.CloseIdleConnections)
		client := gogithub.NewClient(&http.Client{Transport: connection}).WithAuthToken(server.Tokens[n])
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
	return figures{attempts: int(puts.Load()), commits: int(done.Load()), took: time.Since(began)}
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
			Message: &message, SHA: file.SHA, Branch: new(branch),
			Content: line.ReplaceAll([]byte(text), fmt.Appendf(nil, "${1}%s-stage-%08x", key, build)),
		})
		refusal, refused := errors.AsType[*gogithub.ErrorResponse](err)
		if refused && refusal.Response.StatusCode == http.StatusConflict {
			continue
		}
		return tried, err
	}
}
