package github

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"
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
	c := &Call{Server: s, Context: context.WithoutCancel(r.Context()), Request: r, Body: body, token: token}
	entry := Request{Number: s.journal.number(), Method: r.Method, Path: r.URL.Path, Operation: identify(s, c)}
	exchange := Exchange{
		Number: entry.Number, Method: entry.Method, Path: entry.Path, Operation: entry.Operation, Token: token, Body: body,
		Repository: repositoryOf(entry.Path),
	}
	action := s.hooks.ask(exchange)
	made, answered := carryOut(s, c, action)
	if answered && action.Cut == CutNothing {
		entry.Status = made.Status
	}
	s.journal.add(entry) // before the answer leaves: who has it may count the request
	if answered {
		send(w, made, action.Cut)
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

// carryOut carries out an Action around the handling of a request and returns the answer; false where no client waits for one.
func carryOut(s *Server, c *Call, action Action) (*Response, bool) {
	if !sleepOr(c.Request.Context(), s, action.Delay) {
		return nil, false
	}
	c.heads = action.Heads
	if action.Before != nil {
		action.Before()
	}
	var r *Response
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
func handleCall(s *Server, c *Call) *Response {
	used, known := known(s, c)
	c.used = used
	var r *Response
	switch {
	case c.Document != nil && c.token == "":
		r = answer(nil, refuse(http.StatusUnauthorized, "graphql/guides/forming-calls-with-graphql#authenticating-with-graphql",
			"This endpoint requires you to be authenticated."))
	case !known && c.token != "":
		r = answer(nil, refuse(http.StatusUnauthorized, "rest", "Bad credentials"))
	case c.Document != nil:
		r = answer(answerGraphQL(s, c))
	case isDownload(c):
		r = answer(serveDownload(s, c))
	case c.route == nil:
		r = unknownReply(s, c.Request)
	default:
		if r = answer(answerREST(c)); r.Status == http.StatusNotImplemented {
			reportUnknown(s, c.Request)
		}
	}
	addUsualHeaders(c, r.Header)
	checkExchange(s, c, r)
	return r
}

// checkExchange shows an exchange to Options.Check. What is unknown is OnUnknown's to report.
func checkExchange(s *Server, c *Call, r *Response) {
	known := c.route != nil && r.Status != http.StatusNotImplemented || c.Document != nil && c.Document.Operation != nil
	if s.options.Check == nil || !known {
		return
	}
	request := c.Request.Clone(c.Context)
	request.URL.Path = strings.TrimPrefix(request.URL.Path, "/uploads") // a host of its own at GitHub
	request.Body = io.NopCloser(bytes.NewReader(c.Body))
	answer := Answer{Status: r.Status, Header: http.Header{}, Body: r.Body}
	for name, value := range r.Header {
		answer.Header.Set(name, value)
	}
	s.options.Check(request, answer)
}

// unknownReply is the answer to what only the real GitHub may know.
func unknownReply(s *Server, r *http.Request) *Response {
	reportUnknown(s, r)
	return answer(nil, refuse(http.StatusNotImplemented, "rest", "No handler for %s %s", r.Method, r.URL.Path))
}

func reportUnknown(s *Server, r *http.Request) {
	if s.options.OnUnknown != nil {
		s.options.OnUnknown(r)
	}
}

// unknownOperation is the name of a request that nothing here handles.
const unknownOperation = "unknown"

// identify names the operation and finds what will handle it.
func identify(s *Server, c *Call) string {
	if c.Request.URL.Path == "/graphql" && c.Request.Method == http.MethodPost {
		return prepareGraphQL(s, c)
	}
	if isDownload(c) {
		return downloadOperation
	}
	return matchRoute(s, c)
}

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
