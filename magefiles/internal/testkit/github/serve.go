package github

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// serve answers one request: it finds out what is asked for, lets interceptors have their way, and writes the log.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		return
	}
	defer s.requests.Done()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away within its own request
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.URL.Path, r.URL.RawPath = withoutPrefix(r.URL.Path), withoutPrefix(r.URL.RawPath)
	token, _ := bearer(r.Header.Get("Authorization"))
	c := &call{server: s, ctx: context.WithoutCancel(r.Context()), request: r, body: body, token: token}
	entry := Request{Number: s.journal.number(), Method: r.Method, Path: r.URL.Path, Operation: identify(s, c)}
	exchange := Exchange{
		Number: entry.Number, Method: entry.Method, Path: entry.Path, Operation: entry.Operation, Token: token, Body: body,
		Repository: repositoryOf(entry.Path),
	}
	action := s.hooks.ask(exchange)
	made, answered := carryOut(s, c, action)
	if answered && action.Cut == CutNothing {
		entry.Status = made.status
	}
	s.journal.add(entry) // before the answer leaves: who has it may count the request
	if answered {
		sendReply(w, made, action.Cut)
	}
}

// enter counts a request that Close waits for; false once Close has begun.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended.Err() != nil {
		return false
	}
	s.requests.Add(1)
	return true
}

// carryOut carries out an Action around the handling of a request and gives the answer; false where nobody waits for one.
func carryOut(s *Server, c *call, action Action) (reply, bool) {
	if !sleepOr(c.request.Context(), s, action.Delay) {
		return reply{}, false
	}
	c.heads = action.Heads
	if action.Before != nil {
		action.Before()
	}
	var r reply
	if action.Reply == nil || action.Handle {
		r = handleCall(s, c)
	}
	if action.Reply != nil {
		r = action.Reply.made()
	}
	if action.After != nil {
		action.After()
	}
	return r, true
}

// sleepOr waits, and gives false when the client or the server is gone.
func sleepOr(ctx context.Context, s *Server, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.ended.Done():
	}
	return false
}

// handleCall checks the token and answers.
func handleCall(s *Server, c *call) reply {
	used, known := s.access.known(c.token)
	c.used = used
	var r reply
	switch {
	case c.graph != nil && c.token == "":
		r = answer(reply{}, refuse(http.StatusUnauthorized, "graphql/guides/forming-calls-with-graphql#authenticating-with-graphql",
			"This endpoint requires you to be authenticated."))
	case !known && c.token != "":
		r = answer(reply{}, refuse(http.StatusUnauthorized, "rest", "Bad credentials"))
	case c.graph != nil:
		r = answer(answerGraphQL(s, c))
	case isDownload(c):
		r = answer(serveDownload(s, c))
	case c.route == nil:
		r = unknownReply(s, c.request)
	default:
		if r = answer(answerREST(s, c)); r.status == http.StatusNotImplemented {
			reportUnknown(s, c.request)
		}
	}
	addUsualHeaders(s, c, r.header)
	checkExchange(s, c, r)
	return r
}

// checkExchange shows an exchange to Options.Check. What is unknown is OnUnknown's to report.
func checkExchange(s *Server, c *call, r reply) {
	known := c.route != nil && r.status != http.StatusNotImplemented || c.graph != nil && c.graph.operation != nil
	if s.options.Check == nil || !known {
		return
	}
	request := c.request.Clone(c.ctx)
	request.Body = io.NopCloser(bytes.NewReader(c.body))
	answer := Answer{Status: r.status, Header: http.Header{}, Body: r.body}
	for name, value := range r.header {
		answer.Header.Set(name, value)
	}
	s.options.Check(request, answer)
}

// unknownReply is the answer to what only the real GitHub may know.
func unknownReply(s *Server, r *http.Request) reply {
	reportUnknown(s, r)
	return answer(reply{}, refuse(http.StatusNotImplemented, "rest", "No handler for %s %s", r.Method, r.URL.Path))
}

func reportUnknown(s *Server, r *http.Request) {
	if s.options.OnUnknown != nil {
		s.options.OnUnknown(r)
	}
}

// quota is the hourly limit of a user's token. It is told, not enforced: a test that wants a limit answers it by a hook.
const quota = 5000

// addUsualHeaders adds the headers that every answer has.
func addUsualHeaders(s *Server, c *call, header map[string]string) {
	resource := "core"
	if c.graph != nil {
		resource = "graphql"
	}
	header["X-GitHub-Media-Type"] = "github.v3; format=json"
	header["X-RateLimit-Limit"] = strconv.Itoa(quota)
	header["X-RateLimit-Used"] = strconv.Itoa(c.used)
	header["X-RateLimit-Remaining"] = strconv.Itoa(remaining(c.used))
	header["X-RateLimit-Reset"] = strconv.FormatInt(quotaReset(s).Unix(), 10)
	header["X-RateLimit-Resource"] = resource
}

func remaining(used int) int { return max(1, quota-used) }

func quotaReset(s *Server) time.Time { return s.options.Now().Add(time.Hour) }

// sendReply writes an answer, or breaks the connection as asked.
func sendReply(w http.ResponseWriter, r reply, cut Cut) {
	header := w.Header()
	for name, value := range r.header {
		header.Set(name, value)
	}
	header.Set("Content-Length", strconv.Itoa(len(r.body)))
	switch cut {
	case CutNothing:
		w.WriteHeader(r.status)
		_, _ = w.Write(r.body) // an error means that the client is gone
		return
	case CutBody:
		w.WriteHeader(r.status)
		_, _ = w.Write(r.body[:len(r.body)/2])
		_ = http.NewResponseController(w).Flush()
	}
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}

// unknownOperation is the name of a request that nothing here handles.
const unknownOperation = "unknown"

// identify names the operation and finds what will handle it.
func identify(s *Server, c *call) string {
	if c.request.URL.Path == "/graphql" && c.request.Method == http.MethodPost {
		c.graph = &graph{}
		var r gql.Request
		decoder := json.NewDecoder(bytes.NewReader(c.body))
		decoder.UseNumber()
		if err := decoder.Decode(&r); err != nil {
			c.graph.errors = []gql.Error{{Message: "A query attribute must be specified and must be a string."}}
			return unknownOperation
		}
		if c.graph.operation, c.graph.errors = s.schema.Prepare(r); c.graph.errors != nil {
			return unknownOperation
		}
		return c.graph.operation.String()
	}
	if isDownload(c) {
		return downloadOperation
	}
	return matchRoute(s, c)
}

func isDownload(c *call) bool { return strings.HasPrefix(c.request.URL.Path, downloadPath) }

// withoutPrefix maps the paths of GitHub Enterprise Server to those of github.com.
func withoutPrefix(path string) string {
	if path == "/api/graphql" {
		return "/graphql"
	}
	if rest, ok := strings.CutPrefix(path, "/api/v3"); ok && strings.HasPrefix(rest, "/") {
		return rest
	}
	return path
}

// repositoryOf takes owner/name out of /repos/owner/name/...
func repositoryOf(path string) string {
	parts := strings.SplitN(path, "/", 5)
	if len(parts) < 4 || parts[1] != "repos" {
		return ""
	}
	return parts[2] + "/" + parts[3]
}
