// Package pipeline reads what CI runs: the steps of GitHub workflows and actions, of GitLab's, CircleCI's, Azure's and Bitbucket's
// pipelines, Jenkins' stages, the hooks of pre-commit and of git, each with what keeps it from stopping anything and who lets it run.
//
// It knows one file on one side of a branch and nothing of differences.
package pipeline
