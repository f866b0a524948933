"""Assert what Salesforce would make of an answer."""

from obgen.runtime.reply import Reply
from obgen.simulate.judge import NACK, Verdict, judge

_SHOWN = 500


def assert_acknowledged(reply: Reply) -> None:
    """Raise AssertionError, saying why, unless the answer is an Ack of true.

    The bytes are judged as strictly as Salesforce does it: HTTP 200, nothing before the XML, and
    one Ack that says `true`, in its place and namespace.
    """
    __tracebackhide__ = True
    verdict = judge(reply.status, reply.body)
    if not verdict.acknowledged:
        raise AssertionError(_explain(f"not acknowledged: {verdict}", reply, verdict))


def assert_nack(reply: Reply) -> None:
    """Raise AssertionError, saying why, unless the answer is an Ack of false: "send it again".

    That is how a receiver answers when a handler raised. A SOAP fault or another status is none.
    """
    __tracebackhide__ = True
    verdict = judge(reply.status, reply.body)
    if verdict.failure != NACK:
        raise AssertionError(_explain(f"no nack: {verdict}", reply, verdict))


def _explain(what: str, reply: Reply, verdict: Verdict) -> str:
    lines = [what]
    if verdict.hint:
        lines.append(f"hint: {verdict.hint}")
    lines.append(f"the answer: HTTP {reply.status} {reply.body[:_SHOWN]!r}")
    return "\n".join(lines)
