import { Duration, type Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Function } from 'aws-cdk-lib/aws-lambda'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'

const PERIOD = Duration.minutes(5)

/** Adds alarms for a function that fails, is refused, or is slow. They tell a topic, which may send mails. */
export function addAlarms(stack: Stack, fn: Function, email: string | undefined): Topic {
  const topic = new Topic(stack, 'Alarms', { displayName: 'imgproc', enforceSSL: true })
  if (email !== undefined) topic.addSubscription(new EmailSubscription(email))
  const action = new SnsAction(topic)
  const add = (id: string, alarmDescription: string, metric: Metric, threshold: number, periods: number) => {
    const alarm = new Alarm(stack, id, {
      alarmDescription,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
  }
  const sum = { period: PERIOD, statistic: 'Sum' }
  const status = new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'Url5xxCount',
    dimensionsMap: { FunctionName: fn.functionName },
    ...sum,
  })
  add(
    'Crashes',
    'imgproc: the function ends by an error, or runs out of memory or time',
    fn.metricErrors(sum),
    1,
    1,
  )
  add('ServerErrors', 'imgproc: answers with a status of 500 or more', status, 5, 2)
  add('Throttles', 'imgproc: requests are refused, since too many run at once', fn.metricThrottles(sum), 1, 2)
  add(
    'Slow',
    'imgproc: one of a hundred requests takes 15 s or more, of 30 s that it may take',
    fn.metricDuration({ period: PERIOD, statistic: 'p99' }),
    15_000,
    3,
  )
  return topic
}
